import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Backend } from '../../support/backend.js';

/** Creates a function with a version 1 and an alias of it, and gives its ARN. See {@link seedSecondVersion}. */
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
      Code: { ZipFile: new TextEncoder().encode('not a real archive') },
    }),
  );
  await clients.lambda.send(new PublishVersionCommand({ FunctionName: name }));
  await clients.lambda.send(
    new CreateAliasCommand({ FunctionName: name, Name: alias, FunctionVersion: '1' }),
  );
  return FunctionArn;
}

/** Publishes the version 2 of a function that {@link seedFunction} made; the simulated one has it from the beginning. */
export async function seedSecondVersion({ cloud, clients }: Backend, functionName: string): Promise<void> {
  if (cloud !== undefined) return;
  // Lambda publishes nothing new while the code is the same.
  const ZipFile = new TextEncoder().encode('not a real archive either');
  await clients.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: functionName, ZipFile }));
  await clients.lambda.send(new PublishVersionCommand({ FunctionName: functionName }));
}

/** Creates a queue and gives its ARN. */
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

/** Moto wants the function's role to exist. There is no IAM client here for this one call, so it is made by hand. */
async function createRole(name: string): Promise<void> {
  const response = await fetch(process.env['EMULATOR_ENDPOINT'] ?? '', {
    method: 'POST',
    // Moto finds the service by the scope of the credentials, and looks at nothing else of the signature.
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/iam/aws4_request' },
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: name,
      AssumeRolePolicyDocument: '{}',
    }),
  });
  // A second function finds the role there.
  if (!response.ok && response.status !== 409)
    throw new Error(`moto answered CreateRole with ${response.status}: ${await response.text()}`);
}
