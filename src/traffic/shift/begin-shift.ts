import type { CallOptions } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import type { StackReference } from '../../core/stack-reference.js';
import type { TrafficTarget, TrafficWeights } from '../types.js';
import { areSame, describeWeights } from '../weights.js';
import { type ShiftRules, weightsOfStep } from './decision.js';
import type { SafeTarget } from './safe-target.js';
import type { ResolvedShiftRequest } from './shift-request.js';
import { type ShiftState, shiftStateVersion } from './shift-state.js';
import { withPropagation } from './step-schedule.js';

/**
 * Creates the first state of a shift from the live weights. Steps below the share of the incoming stack are left out. The shift
 * has succeeded when that stack already has all the traffic.
 */
export function firstState(
  request: ResolvedShiftRequest,
  weights: TrafficWeights,
  now: number,
  rules: ShiftRules,
): ShiftState {
  const { incoming, strategy, approvalPercents, maxDurationSeconds } = request;
  const share = weights[incoming];
  const state: ShiftState = {
    version: shiftStateVersion,
    phase: 'shifting',
    incoming,
    strategy,
    initialWeights: weights,
    verifiedWeights: weights,
    verifiedAt: now,
    readAt: now,
    step: -1,
    unverifiedWrites: 0,
    nextCheckAt: now + rules.policy.initialDelaySeconds * 1000,
    tallies: {},
    startedAt: now,
    ...(approvalPercents.length > 0 && { approvalPercents }),
    ...(maxDurationSeconds !== undefined && { maxDurationSeconds }),
  };
  if (share >= 100) return { ...state, phase: 'succeeded', step: strategy.steps.length - 1 };
  const step = strategy.steps.findLastIndex(
    (_, index) => weightsOfStep(state, index, rules)[incoming] <= share,
  );
  if (step >= 0) return withPropagation({ ...state, step }, rules);
  return { ...state, pendingWeights: weightsOfStep(state, 0, rules) };
}

/** @throws ResourceStateError when the incoming stack has more traffic than the strategy ends with. */
export function requireNotBeyondEnd(target: TrafficTarget, first: ShiftState, rules: ShiftRules): void {
  const { incoming, initialWeights, strategy } = first;
  const end = weightsOfStep(first, strategy.steps.length - 1, rules);
  if (initialWeights[incoming] <= end[incoming] || areSame(initialWeights, end)) return;
  throw new ResourceStateError(`The ${incoming} stack has more traffic than the shift ends with`, {
    resource: target.description,
    expected: `${incoming} ${end[incoming]} % at most`,
    actual: describeWeights(initialWeights),
    remedy: 'Shift to the other stack instead',
  });
}

/** @throws ResourceStateError when the incoming stack already has traffic. */
export function requireNoTraffic(
  target: TrafficTarget,
  incoming: StackReference,
  weights: TrafficWeights,
): void {
  if (weights[incoming] === 0) return;
  throw new ResourceStateError(`The ${incoming} stack has traffic already`, {
    resource: target.description,
    expected: `${incoming} 0 %`,
    actual: describeWeights(weights),
    remedy:
      'Another shift may be in progress or was interrupted: roll it back, or begin with acceptLiveWeights: true',
  });
}

/** @throws ResourceStateError when fewer instances of the incoming stack are healthy. A target without health is not checked. */
export async function requireHealthy(
  target: SafeTarget,
  incoming: StackReference,
  minimumHealthyCount: number,
  { signal }: CallOptions,
): Promise<void> {
  if (minimumHealthyCount === 0) return;
  const health = await target.healthOf(incoming, { signal });
  if (health === undefined || health.healthy >= minimumHealthyCount) return;
  throw new ResourceStateError(`The ${incoming} stack is not ready for traffic`, {
    resource: target.description,
    expected: `${minimumHealthyCount} or more healthy`,
    actual: `${health.healthy} of ${health.total}${health.detail ? ` (${health.detail})` : ''}`,
    remedy: 'Bring the stack up first, or lower minimumHealthyCount',
  });
}
