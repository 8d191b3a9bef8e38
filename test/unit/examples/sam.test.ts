import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { rollouts, shift } from '../../../examples/sam/machines.js';
import { managedRule } from '../../support/managed-rule.js';

const read = (file: string) => readFile(new URL(`../../../examples/sam/${file}`, import.meta.url), 'utf8');

const parameter = (name: string) => `\${${name}}`;

/** Returns the query of the template with its parameters replaced. */
async function queryFor(targetGroupArn: string, loadBalancerArn: string): Promise<string> {
  const [, indented = ''] = /Query: !Sub \|\n(.*?)\n\nOutputs:/s.exec(await read('template.yaml')) ?? [];
  return indented
    .replaceAll(parameter('IncomingTargetGroupFullName'), targetGroupArn.split(':').at(-1) ?? '')
    .replaceAll(parameter('LoadBalancerFullName'), loadBalancerArn.split(':loadbalancer/').at(-1) ?? '');
}

test.each(Object.entries({ rollouts, shift }))(
  '%s.asl.json equals the definition of stepFunctionsDefinition',
  async (name, definition) => {
    expect(JSON.parse(await read(`${name}.asl.json`))).toEqual(JSON.parse(JSON.stringify(definition)));
  },
);

test.each([
  { errorRate: 0, status: 'UPDATE_COMPLETE' },
  { errorRate: 0.05, status: 'UPDATE_ROLLBACK_COMPLETE' },
])('ends in $status with an error rate of $errorRate', async ({ errorRate, status }) => {
  const { cloud, stack, template, targetGroups, loadBalancer, weights } = managedRule();
  const Query = await queryFor(targetGroups.green, loadBalancer.arn);
  const properties = {
    StepWeight: 50,
    StepInterval: '2m',
    CloudWatchMetric: { Max: '1.0', Interval: '60s', Query },
  };
  await stack.create(template({ blue: 100, green: 0 }, properties));
  cloud.addTraffic({
    through: () => weights() ?? { blue: 0, green: 0 },
    loadBalancerArn: loadBalancer.arn,
    requestsPerSecond: 20,
    stacks: {
      blue: { targetGroupArn: targetGroups.blue },
      green: { targetGroupArn: targetGroups.green, errorRate },
    },
  });

  expect(await stack.update(template({ blue: 0, green: 100 }, properties))).toBe(status);
});

test('handles an event without a ResponseURL', async () => {
  vi.stubEnv('STATE_MACHINE_ARN', 'arn:aws:states:eu-west-1:123456789012:stateMachine:rollouts');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const { handler } = await import('../../../examples/sam/handler.js');

  await expect(handler({}, { getRemainingTimeInMillis: () => 900_000 })).resolves.toMatchObject({
    status: 'unanswerable',
  });
  vi.unstubAllEnvs();
});
