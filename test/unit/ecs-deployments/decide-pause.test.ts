import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decidePause, type PauseFacts } from '../../../src/ecs-deployments/decide-pause.js';
import { type ObservedDeployment, observedOf } from '../../../src/ecs-deployments/deployment-status.js';
import { observe } from '../../../src/ecs-deployments/observe-pause.js';
import {
  type EcsPauseState,
  firstPauseState,
  parsePauseState,
} from '../../../src/ecs-deployments/pause-state.js';
import type { EcsPauseStage } from '../../../src/ecs-deployments/pause-types.js';

const arn = 'arn:aws:ecs:eu-west-1:123456789012:service-deployment/shop/web/1';
const now = 1_800_000_000_000;
const stage = 'POST_TEST_TRAFFIC_SHIFT';

const facts: PauseFacts = { now, hasWork: (it): it is EcsPauseStage => it === stage };

const waiting = { hookId: 'hook', isPause: true, status: 'AWAITING_ACTION', expiresAt: now + 3_600_000 };

function deployment(changes: Partial<ObservedDeployment> = {}): ObservedDeployment {
  return {
    serviceDeploymentArn: arn,
    serviceArn: undefined,
    status: 'IN_PROGRESS',
    stage,
    hooks: [waiting],
    productionPercent: 0,
    testPercent: 100,
    reason: undefined,
    triggeredAlarms: [],
    isCircuitBroken: false,
    ...changes,
  };
}

const whole = firstPauseState({ serviceDeploymentArn: arn }, now);
const single = firstPauseState({ serviceDeploymentArn: arn, hookId: 'hook' }, now);
const rollingBack: EcsPauseState = { ...whole, rollbackReason: 'by hand' };

function decide(state: EcsPauseState, reading: ObservedDeployment, at = now) {
  const observed = observe(state, reading, at);
  return decidePause(observed.state, reading, { ...facts, now: at });
}

describe('decidePause', () => {
  test('works on a pause of a stage with work', () => {
    expect(decide(whole, deployment())).toMatchObject({ type: 'work', hook: waiting, stage });
  });

  test('finishes the pause that it works on before another one of the stage', () => {
    const other = { ...waiting, hookId: 'other' };
    const pause = { hookId: 'hook', stage, since: now, stepsDone: [], tallies: {}, nextCheckAt: now };

    expect(decide({ ...whole, pause }, deployment({ hooks: [other, waiting] }))).toMatchObject({
      hook: { hookId: 'hook' },
    });
  });

  test.each<[string, Partial<ObservedDeployment>]>([
    ['a hook of an unknown status', { hooks: [{ ...waiting, status: 'UNDER_REVIEW' }] }],
    ['a Lambda hook', { hooks: [{ ...waiting, isPause: false }] }],
    ['an expired pause', { hooks: [{ ...waiting, expiresAt: now }] }],
    ['a deployment of an unknown status', { status: 'THINKING' }],
    ['a pending deployment', { status: 'PENDING' }],
    ['no hook at an unknown stage', { stage: 'A_STAGE_OF_2027', hooks: [] }],
    ['a rollback', { status: 'ROLLBACK_REQUESTED' }],
    ['a stop', { status: 'STOP_REQUESTED' }],
  ])('waits for %s', (_name, changes) => {
    expect(decide(whole, deployment(changes))).toEqual({ type: 'wait' });
  });

  test.each([undefined, 'A_STAGE_OF_2027', 'PRE_SCALE_UP'])(
    'leaves a pause of the stage %s to others',
    (other) => {
      expect(decide(whole, deployment({ stage: other }))).toMatchObject({ type: 'leave', stage: other });
    },
  );

  test('takes the stage of a single pause from its event', () => {
    const state = { ...single, lifecycleStage: stage };

    expect(decide(state, deployment({ stage: undefined }))).toMatchObject({ type: 'work', stage });
    expect(decide(state, deployment({ stage: 'BAKE_TIME' }))).toMatchObject({ type: 'work', stage });
  });

  test.each([
    ['SUCCEEDED', 'end', 'succeeded'],
    ['TIMED_OUT', 'end', 'succeeded'],
    ['FAILED', 'wait', undefined],
  ])('ends with a single pause that is %s', (status, type, outcome) => {
    const hooks = [{ ...waiting, status, timeoutAction: 'CONTINUE' }];

    expect(decide(single, deployment({ hooks }))).toEqual({ type, ...(outcome && { outcome }) });
  });

  test('waits half a minute for a single pause that ECS does not list yet', () => {
    const hidden = deployment({ hooks: [] });

    expect(decide(single, hidden, now + 29_000)).toEqual({ type: 'wait' });
    expect(decide(single, hidden, now + 30_000)).toEqual({ type: 'end', outcome: 'succeeded' });
  });

  test.each<[string, EcsPauseState, Partial<ObservedDeployment>, object]>([
    ['stops a deployment between pauses', rollingBack, { hooks: [] }, { type: 'stop' }],
    ['stops a deployment at a pause of others', rollingBack, {}, { type: 'stop' }],
    [
      'responds to its pause',
      { ...rollingBack, hookId: 'hook' },
      {},
      { type: 'rollBackPause', hookId: 'hook' },
    ],
    [
      'stops after the expiry of its pause',
      { ...rollingBack, hookId: 'hook' },
      { hooks: [] },
      { type: 'stop' },
    ],
    ['stops a deployment of an unknown status', rollingBack, { status: 'THINKING' }, { type: 'stop' }],
    ['waits for ECS', { ...rollingBack, rollbackRequestedAt: now }, {}, { type: 'wait' }],
    [
      'ends at once when it is not to wait',
      { ...rollingBack, rollbackRequestedAt: now, waitForRollback: false },
      {},
      { type: 'end', outcome: 'rolledBack' },
    ],
    ['halts after a success', rollingBack, { status: 'SUCCESSFUL' }, { type: 'halt' }],
  ])('in a rollback %s', (_name, state, changes, expected) => {
    expect(decide(state, deployment(changes))).toMatchObject(expected);
  });

  const text = fc.oneof(
    fc.constantFrom(
      'PENDING',
      'IN_PROGRESS',
      'STOP_REQUESTED',
      'ROLLBACK_REQUESTED',
      'ROLLBACK_IN_PROGRESS',
      'SUCCESSFUL',
      'STOPPED',
      'ROLLBACK_SUCCESSFUL',
      'ROLLBACK_FAILED',
    ),
    fc.string(),
  );
  const hook = fc.record({
    hookId: fc.constantFrom('hook', 'other'),
    isPause: fc.boolean(),
    status: fc.oneof(
      fc.constantFrom('AWAITING_ACTION', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'TIMED_OUT'),
      fc.string(),
    ),
    expiresAt: fc.integer({ min: now - 100_000, max: now + 100_000 }),
    timeoutAction: fc.constantFrom('CONTINUE', 'ROLLBACK', 'ASK'),
  });
  const readings = fc.array(
    fc.record({
      status: text,
      stage: fc.option(fc.oneof(fc.constant(stage), fc.string()), { nil: undefined }),
      hooks: fc.array(hook, { maxLength: 2 }),
      productionPercent: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      after: fc.integer({ min: 0, max: 60_000 }),
    }),
    { minLength: 1, maxLength: 6 },
  );

  test('responds only to a pause that waits, before its expiry, for any sequence of readings', () => {
    fc.assert(
      fc.property(readings, fc.constantFrom(whole, single, rollingBack), (sequence, first) => {
        let state = first;
        let at = now;
        for (const { after, ...changes } of sequence) {
          at += after;
          const reading = deployment(changes);
          const observed = observe(state, reading, at);
          state = parsePauseState(JSON.parse(JSON.stringify(observed.state)));
          expect(state).toEqual(observed.state);
          const decision = decidePause(state, reading, { ...facts, now: at });
          const id =
            decision.type === 'work'
              ? decision.hook.hookId
              : decision.type === 'rollBackPause' && decision.hookId;
          if (id === false) continue;
          const found = reading.hooks.filter((it) => it.hookId === id && it.status === 'AWAITING_ACTION');
          expect(found.some(({ expiresAt }) => expiresAt !== undefined && at < expiresAt)).toBe(true);
          expect([reading.status, state.ended.includes(id)]).toEqual(['IN_PROGRESS', false]);
        }
      }),
    );
  });

  test('never succeeds while ECS returns the traffic, for any reading', () => {
    fc.assert(
      fc.property(readings, fc.constantFrom(whole, single), (sequence, first) => {
        const [{ after: _, ...changes }] = sequence as [(typeof sequence)[number]];
        const decision = decide(first, deployment(changes));
        if (/^(STOP|ROLLBACK)/.test(changes.status))
          expect('outcome' in decision && decision.outcome).not.toBe('succeeded');
      }),
    );
  });
});

describe('observedOf', () => {
  test('accepts a deployment without optional fields, and hooks without an ID', () => {
    const observed = observedOf(
      { lifecycleHookDetails: [{}, { hookId: 'hook' }] },
      { arn, status: 'IN_PROGRESS' },
    );

    expect(observed).toMatchObject({
      hooks: [],
      triggeredAlarms: [],
      isCircuitBroken: false,
      stage: undefined,
    });
  });
});
