import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  type LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Backend } from '../../support/backend.js';
import { zipOf } from '../../support/zip.js';

/** Seconds to wait for a `Pending` function or an update, during which AWS refuses to publish. */
const maxWaitTime = 120;

/** Creates a function with a version 1 and an alias of it, and returns its ARN. See {@link seedSecondVersion}. */
export async function seedFunction(
  { cloud, clients }: Backend,
  name: string,
  alias: string,
): Promise<string> {
  if (cloud !== undefined) {
    const { arn } = cloud.lambda.addFunction({ name, versions: ['1', '2'] });
    cloud.lambda.addAlias({ functionName: name, name: alias, version: '1' });
    return arn;
  }
  await createRole('reader');
  const { FunctionArn = '' } = await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: 'arn:aws:iam::123456789012:role/reader',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: zipOf('index.mjs', 'export const handler = async () => null;') },
    }),
  );
  await waitUntilFunctionActiveV2({ client: clients.lambda, maxWaitTime }, { FunctionName: name });
  await publishVersion(clients.lambda, name);
  await clients.lambda.send(
    new CreateAliasCommand({ FunctionName: name, Name: alias, FunctionVersion: '1' }),
  );
  return FunctionArn;
}

/** Publishes version 2 of a function of {@link seedFunction}. The simulated function has it from the start. */
export async function seedSecondVersion({ cloud, clients }: Backend, functionName: string): Promise<void> {
  if (cloud !== undefined) return;
  // Lambda publishes no new version while the code is unchanged.
  const ZipFile = zipOf('index.mjs', 'export const handler = async () => undefined;');
  await clients.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile }));
  await waitUntilFunctionUpdatedV2({ client: clients.lambda, maxWaitTime }, { FunctionName: functionName });
  await publishVersion(clients.lambda, functionName);
}

/** Publishes a version and waits until it may be invoked. */
async function publishVersion(client: LambdaClient, FunctionName: string): Promise<void> {
  const { Version } = await client.send(new PublishVersionCommand({ FunctionName }));
  await waitUntilPublishedVersionActive({ client, maxWaitTime }, { FunctionName, Qualifier: Version });
}

/** Creates a queue and returns its ARN. */
export async function seedEventSource({ cloud, clients }: Backend, name: string): Promise<string> {
  if (cloud !== undefined) return cloud.sqs.addQueue({ name }).arn;
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.['QueueArn'] ?? '';
}

/** Creates an event source mapping. */
export async function seedMapping(
  { cloud, clients }: Backend,
  options: { functionName: string; eventSourceArn: string; state: 'Enabled' | 'Disabled' },
): Promise<void> {
  if (cloud !== undefined) {
    cloud.lambda.addMapping(options);
    return;
  }
  await clients.lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: options.functionName,
      EventSourceArn: options.eventSourceArn,
      Enabled: options.state === 'Enabled',
    }),
  );
}

/** Creates the function's role, which moto requires, without an IAM client. */
async function createRole(name: string): Promise<void> {
  const response = await fetch(process.env['EMULATOR_ENDPOINT'] ?? '', {
    method: 'POST',
    // Moto reads the service from the credential scope and ignores the rest of the signature.
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/iam/aws4_request' },
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: name,
      AssumeRolePolicyDocument: '{}',
    }),
  });
  // The role exists for a second function.
  if (!response.ok && response.status !== 409)
    throw new Error(`moto answered CreateRole with ${response.status}: ${await response.text()}`);
}
