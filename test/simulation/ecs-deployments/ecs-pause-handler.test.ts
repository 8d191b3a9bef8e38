import { ContinueServiceDeploymentCommand } from '@aws-sdk/client-ecs';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/core/logger.js';
import { type EcsPauseStages, ecsPauseHandler } from '../../../src/ecs-deployments/index.js';
import {
  SimulatedCloud,
  type SimulatedEcsDeploymentOptions,
  type SimulatedLambdaContext,
  type SimulatedRuleEvent,
} from '../../../src/testing/index.js';
import {
  failingAtCanary,
  makeEcsPauseWorld,
  passing,
  stagesWith,
  undecidedAtCanary,
} from '../../support/ecs-pause-world.js';

/** A deployment whose events reach a Lambda function with the handler. */
function setUp(
  stages: EcsPauseStages,
  options: SimulatedEcsDeploymentOptions = {},
  delivery: readonly number[] = [0],
) {
  const cloud = new SimulatedCloud();
  const events: SimulatedRuleEvent[] = [];
  const results: unknown[] = [];
  const handle = async (event: unknown, context: SimulatedLambdaContext) => {
    events.push(event as SimulatedRuleEvent);
    const result = await handler(event, context);
    results.push(result.result);
    return result;
  };
  cloud.lambda.addFunction({ name: 'pauses', handler: handle, timeoutSeconds: 900 });
  cloud.eventBridge.addRule({
    name: 'pauses',
    eventPattern: { source: ['aws.ecs'], 'detail-type': ['ECS Hook State Change'] },
    targets: ['arn:aws:lambda:eu-west-1:123456789012:function:pauses'],
  });
  cloud.eventBridge.deliverEvents(() => delivery);
  const world = makeEcsPauseWorld(options, { cloud });
  const handler = ecsPauseHandler(world.pause(stages), { clock: cloud.clock, logger: silentLogger });
  return { ...world, events, results };
}

describe('ecsPauseHandler', () => {
  test('continues a good canary at every pause', async () => {
    const { deployment, results, changes } = setUp(stagesWith(passing));

    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    expect(results.filter((it) => it === 'continued')).toHaveLength(3);
    expect(changes()).toHaveLength(3);
  });

  test('rolls a bad canary back', async () => {
    const { deployment, results } = setUp(stagesWith(failingAtCanary));

    expect((await deployment.ended).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(results.filter((it) => it === 'rolledBack')).toHaveLength(1);
  });

  test('responds once to an event that arrives twice', async () => {
    const { deployment, results, changes } = setUp(stagesWith(passing), {}, [0, 5]);

    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    expect(changes()).toHaveLength(3);
    expect(results.filter((it) => it === 'continued').length).toBeGreaterThanOrEqual(3);
  });

  test('leaves an event that arrives after the pause alone', async () => {
    const { cloud, deployment, untilPaused, results, serviceDeploymentArn, changes } = setUp(
      stagesWith(failingAtCanary),
      {
        strategy: { type: 'BLUE_GREEN' },
        hooks: [{ targetType: 'PAUSE', stages: ['POST_TEST_TRAFFIC_SHIFT'] }],
      },
      [600],
    );
    const hookId = await untilPaused(0);
    await cloud.clients.ecs.send(
      new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action: 'CONTINUE' }),
    );

    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    await cloud.clock.sleep(1_200_000);
    expect(results).toContain('continued');
    expect(changes()).toHaveLength(1);
  });

  test('rejects near the end of its time, and decides when Lambda calls it again', async () => {
    let evaluations = 0;
    const late = {
      name: 'health',
      evaluate: async () => {
        evaluations += 1;
        return evaluations > 16
          ? ({ outcome: 'pass', detail: 'well' } as const)
          : ({ outcome: 'inconclusive', detail: 'no data' } as const);
      },
    };
    const work = { checks: [late], policy: { inconclusiveThreshold: 100 } };
    const { deployment } = setUp({ POST_TEST_TRAFFIC_SHIFT: work, PRE_PRODUCTION_TRAFFIC_SHIFT: {} });

    expect((await deployment.ended).status).toBe('SUCCESSFUL');
    expect(evaluations).toBe(17);
  });

  test('leaves a pause undecided to its expiry when all of its invocations are over', async () => {
    const work = { checks: [undecidedAtCanary], policy: { inconclusiveThreshold: 100 } };
    const { deployment, changes } = setUp({
      POST_TEST_TRAFFIC_SHIFT: {},
      PRE_PRODUCTION_TRAFFIC_SHIFT: work,
    });

    const { status, stages } = await deployment.ended;

    expect(status).toBe('ROLLBACK_SUCCESSFUL');
    expect(stages.flatMap(({ hooks }) => hooks).at(-1)?.status).toBe('TIMED_OUT');
    expect(changes()).toHaveLength(2);
  });

  test('ignores the other events of hooks', async () => {
    const { events, results, deployment } = setUp(stagesWith(passing));

    await deployment.ended;

    const names = events.map(({ detail }) => detail['eventName']);
    expect(names.filter((name) => name === 'HOOK_SUCCEEDED')).toHaveLength(3);
    expect(results.filter((it) => it === 'ignored')).toHaveLength(3);
  });
});

const event = {
  source: 'aws.ecs',
  'detail-type': 'ECS Hook State Change',
  detail: {
    eventName: 'HOOK_AWAITING_ACTION',
    hookId: 'hook',
    hookType: 'PAUSE',
    lifecycleStage: 'POST_TEST_TRAFFIC_SHIFT',
    serviceDeploymentArn: 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/1',
  },
};

describe('ecsPauseHandler with events of its own', () => {
  const { pause, clock, cloud } = makeEcsPauseWorld();
  const handler = ecsPauseHandler(pause(), { clock, logger: silentLogger });
  const context = { getRemainingTimeInMillis: () => 900_000 };
  const withDetail = (detail: Record<string, unknown>) => ({
    ...event,
    detail: { ...event.detail, ...detail },
  });

  test.each<[string, unknown]>([
    ['source', { ...event, source: 'aws.ec2' }],
    ['detail-type', { ...event, 'detail-type': 'ECS Deployment State Change' }],
    ['detail', { ...event, detail: undefined }],
    ['detail.eventName', withDetail({ eventName: undefined })],
    ['detail.hookId', withDetail({ hookId: 7 })],
    ['detail.hookId', withDetail({ hookId: '' })],
    ['detail.lifecycleStage', withDetail({ lifecycleStage: {} })],
    ['detail.serviceDeploymentArn', withDetail({ serviceDeploymentArn: 'arn:aws:ecs:service/shop/web' })],
    ['', null],
    ['', 'event'],
  ])('throws InvalidInputError that names %s', async (field, malformed) => {
    await expect(handler(malformed, context)).rejects.toMatchObject({
      name: 'InvalidInputError',
      problems: expect.arrayContaining([expect.objectContaining({ field })]),
    });
    expect(cloud.calls).toEqual([]);
  });

  test.each([
    [{ eventName: 'HOOK_PAUSED_AGAIN' }],
    [{ eventName: 'HOOK_TIMED_OUT' }],
    [{ hookType: 'AWS_LAMBDA' }],
    [{ lifecycleStage: 'POST_SCALE_UP' }],
    [{ lifecycleStage: 'A_STAGE_OF_2027' }],
  ])('ignores %j without a call', async (detail) => {
    expect(await handler(withDetail(detail), context)).toMatchObject({ result: 'ignored' });
    expect(cloud.calls).toEqual([]);
  });
});
