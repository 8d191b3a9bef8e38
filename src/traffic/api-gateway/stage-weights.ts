import type { CanarySettings, PatchOperation, Stage } from '@aws-sdk/client-api-gateway';
import { ResourceStateError } from '../../core/errors.js';
import { partnerOf, type StackPair, type StackReference } from '../../core/stack-reference.js';
import type { TrafficWeights } from '../types.js';
import { roundTo, weightsOf } from '../weights.js';

/** Deployment of a stack, with its stage variables. */
export interface StackDeployment {
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Places after the point of a percentage. */
const places = 2;
const smallest = 10 ** -places;

/** Returns the stack whose deployment the stage itself has. */
export function ownStack(
  { deploymentId = '(none)' }: Stage,
  stacks: StackPair<StackDeployment>,
  resource: string,
): StackReference {
  return stackOf(deploymentId, stacks, resource);
}

/**
 * Returns the weights of a stage. A canary with the stage's own deployment has been promoted: its share is no split. Its variables must
 * be those of its stack all the same: the next canary would keep others.
 *
 * @throws ResourceStateError for a deployment or a variable of the canary that does not belong to the pair.
 */
export function weightsOfStage(
  stage: Stage,
  stacks: StackPair<StackDeployment>,
  resource: string,
): TrafficWeights {
  const own = ownStack(stage, stacks, resource);
  const { canarySettings: canary } = stage;
  if (canary === undefined) return weightsOf(own, 100);
  const held = stackOf(canary.deploymentId ?? stacks[own].deploymentId, stacks, resource);
  requireOwnVariables(canary, stacks[held], resource);
  return held === own ? weightsOf(own, 100) : weightsOf(held, roundTo(canary.percentTraffic ?? 0, places));
}

/**
 * Rejects a stage that has other values than its stack: a rollback from 100 % would set those of the stack.
 *
 * @throws ResourceStateError
 */
export function requireStackVariables(
  stage: Stage,
  stacks: StackPair<StackDeployment>,
  resource: string,
): void {
  const own = ownStack(stage, stacks, resource);
  const { variables: live = {} } = stage;
  const { variables } = stacks[own];
  const others = Object.keys(variables).filter((name) => live[name] !== variables[name]);
  if (others.length === 0) return;
  throw new ResourceStateError(
    'The stage has other variables than its stack, so a rollback could not restore them',
    {
      resource,
      expected: `the values of ${own}.variables`,
      // Without the values, which can be secrets.
      actual: `other values of ${others.join(', ')}`,
      remedy: `Set ${own}.variables to the values of the stage, or the variables of the stage to those of the stack`,
    },
  );
}

/** Returns the nearest weights with two places. A share above zero never becomes zero. */
export function nearestStageWeights({ blue, green }: TrafficWeights): TrafficWeights {
  const smaller: StackReference = blue <= green ? 'blue' : 'green';
  const share = Math.min(blue, green);
  return weightsOf(smaller, share === 0 ? 0 : Math.max(smallest, roundTo(share, places)));
}

/**
 * Returns the patches of a write, one list for each call. The stage has the weights after the first call already, and after
 * each later one: a write that was interrupted is made again.
 */
export function patchesFor(
  to: TrafficWeights,
  stage: Stage,
  stacks: StackPair<StackDeployment>,
  resource: string,
): PatchOperation[][] {
  const own = ownStack(stage, stacks, resource);
  const other = partnerOf(own);
  const share = to[other];
  if (share === 0) return [[percentPatch(0)], [removal]];
  const split = [...canaryPatches(stacks[other]), percentPatch(share)];
  return share === 100 ? [split, promotion(stage, stacks[other]), [removal]] : [split];
}

const removal: PatchOperation = { op: 'remove', path: '/canarySettings' };

function percentPatch(percent: number): PatchOperation {
  return { op: 'replace', path: '/canarySettings/percentTraffic', value: percent.toFixed(places) };
}

function canaryPatches({ deploymentId, variables }: StackDeployment): PatchOperation[] {
  return [
    { op: 'replace', path: '/canarySettings/deploymentId', value: deploymentId },
    ...Object.entries(variables).map(([name, value]) => ({
      op: 'replace' as const,
      path: `/canarySettings/stageVariableOverrides/${name}`,
      value,
    })),
  ];
}

/** Copies the canary to the stage, in one call. AWS does not document whether a copy keeps the other variables, so they are written. */
function promotion({ variables = {} }: Stage, { variables: overrides }: StackDeployment): PatchOperation[] {
  const copies: PatchOperation[] = [
    { op: 'copy', from: '/canarySettings/deploymentId', path: '/deploymentId' },
    { op: 'copy', from: '/canarySettings/stageVariableOverrides', path: '/variables' },
  ];
  const kept = Object.entries(variables).filter(([name]) => !Object.hasOwn(overrides, name));
  const hasOverrides = Object.keys(overrides).length > 0;
  return [
    ...(hasOverrides ? copies : copies.slice(0, 1)),
    ...(hasOverrides ? kept : []).map(([name, value]) => ({
      op: 'replace' as const,
      path: `/variables/${name}`,
      value,
    })),
    percentPatch(0),
  ];
}

function stackOf(
  deploymentId: string,
  { blue, green }: StackPair<StackDeployment>,
  resource: string,
): StackReference {
  if (deploymentId === blue.deploymentId) return 'blue';
  if (deploymentId === green.deploymentId) return 'green';
  throw new ResourceStateError('There are other deployments than the two stacks', {
    resource,
    expected: `${blue.deploymentId} and ${green.deploymentId} alone`,
    actual: deploymentId,
    remedy: 'Remove the canary of the other deployment, or correct the deployments of the stacks',
  });
}

function requireOwnVariables(
  { stageVariableOverrides = {} }: CanarySettings,
  { variables }: StackDeployment,
  resource: string,
): void {
  const others = Object.keys(stageVariableOverrides).filter(
    (name) => stageVariableOverrides[name] !== variables[name],
  );
  if (others.length === 0) return;
  throw new ResourceStateError('The canary overrides other stage variables than its stack has', {
    resource,
    expected: Object.keys(variables).join(', ') || 'no stage variable',
    actual: others.join(', '),
    remedy: 'Name them in variables of both stacks, so that a rollback can restore them',
  });
}
