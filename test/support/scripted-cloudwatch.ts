import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';

/** A real client whose answers are given, one for each call; an error is thrown. Beyond the last one, it stays. */
export function scriptedCloudWatch(answers: readonly (object | Error)[]): {
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
      const answer = answers[Math.min(inputs.length, answers.length - 1)] ?? {};
      inputs.push(args.input);
      if (answer instanceof Error) throw answer;
      return { response: {}, output: { $metadata: {}, ...answer } };
    },
    { step: 'deserialize', priority: 'high', name: 'scriptedAnswers' },
  );
  return { client, inputs };
}
