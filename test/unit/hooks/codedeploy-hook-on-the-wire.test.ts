import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/logger.js';
import { codeDeployHook } from '../../../src/hooks/index.js';

let server: Server;

afterEach(() => {
  server.close();
});

/** Serves every request with a response of CodeDeploy's JSON protocol, and records the requests. */
async function serve(status: number, body: object) {
  const requests: { target: unknown; body: unknown }[] = [];
  server = createServer(async (request, response) => {
    requests.push({ target: request.headers['x-amz-target'], body: JSON.parse(await text(request)) });
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const handler = codeDeployHook(() => {}, {
    clientConfig: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    },
    logger: silentLogger,
  });
  return { requests, handler };
}

const event = { DeploymentId: 'd-ABCDEF123', LifecycleEventHookExecutionId: 'an-id' };
const context = { getRemainingTimeInMillis: () => 900_000 };

test('codeDeployHook sends what CodeDeploy expects', async () => {
  const { requests, handler } = await serve(200, { lifecycleEventHookExecutionId: 'an-id' });

  await expect(handler(event, context)).resolves.toMatchObject({
    status: 'Succeeded',
    alreadyAnswered: false,
  });

  expect(requests).toEqual([
    {
      target: 'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
      body: { deploymentId: 'd-ABCDEF123', lifecycleEventHookExecutionId: 'an-id', status: 'Succeeded' },
    },
  ]);
});

test('codeDeployHook reports alreadyAnswered for LifecycleEventAlreadyCompletedException', async () => {
  const { handler } = await serve(400, {
    __type: 'LifecycleEventAlreadyCompletedException',
    message: 'done',
  });

  await expect(handler(event, context)).resolves.toMatchObject({ alreadyAnswered: true });
});

test('codeDeployHook rejects with an AccessDeniedError when the permission is missing', async () => {
  const { requests, handler } = await serve(400, { __type: 'AccessDeniedException', Message: 'no' });

  await expect(handler(event, context)).rejects.toMatchObject({
    name: 'AccessDeniedError',
    action: 'codedeploy:PutLifecycleEventHookExecutionStatus',
  });
  expect(requests).toHaveLength(1);
});
