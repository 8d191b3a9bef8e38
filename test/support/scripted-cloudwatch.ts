import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';

/** Creates a real client with scripted responses, one for each call. An error is thrown. The last response repeats. */
export function scriptedCloudWatch(responses: readonly (object | Error)[]): {
  client: CloudWatchClient;
  inputs: unknown[];
} {
  const inputs: unknown[] = [];
  const client = new CloudWatchClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'scripted', secretAccessKey: 'scripted' },
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    () => async (args) => {
      const response = responses[Math.min(inputs.length, responses.length - 1)] ?? {};
      inputs.push(args.input);
      if (response instanceof Error) throw response;
      return { response: {}, output: { $metadata: {}, ...response } };
    },
    { step: 'deserialize', priority: 'high', name: 'scriptedResponses' },
  );
  return { client, inputs };
}
