import type { CallOptions } from '../../core/aws-call.js';
import { isRefusedForNow } from '../../core/failures.js';
import { truncate } from '../../core/truncate.js';
import { isStateFault } from '../rds-api.js';
import { BlueGreenDeploymentError } from './blue-green-error.js';
import type { BlueGreenDecision } from './decide.js';
import type { NewBlueGreenEvent } from './events.js';
import { describeGuardrails, notMet } from './guardrails.js';
import type { ObservedDeployment } from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import { foreignError, guardrailError } from './refusals.js';
import { removeDeployment, verifyDeletion } from './remove-deployment.js';
import {
  identityOf,
  maxCharacters,
  pastReturn,
  type StepInput,
  type StepResult,
  sentences,
} from './step-result.js';
import { completed, mismatch, verifySwitchover } from './verify-switchover.js';

/** Seconds for which RDS may refuse a creation because of the state of the production database, or may not list the deployment. */
const maxCreationSeconds = 3600;

/** Seconds for which the names may differ from the status of the deployment. */
const maxRenamingSeconds = 600;

/** Carries one decision out. Makes at most one change. */
export async function runBlueGreenStep(
  operations: BlueGreenOperations,
  decision: BlueGreenDecision,
  input: StepInput,
  options: CallOptions,
): Promise<StepResult> {
  const { state, now } = input;
  switch (decision.type) {
    case 'wait':
      return { state };
    case 'hold':
      return { state, isHeld: true };
    case 'announceCreation':
      return { state: { ...state, createRequestedAt: now }, isQuick: true };
    case 'create':
      return create(operations, input, options);
    case 'readGuardrails':
      return switchOver(operations, input, options);
    case 'verifySwitchover':
      return verify(operations, input, options);
    case 'verifyGone': {
      const verified = await verifySwitchover(operations, state, undefined, options);
      if (verified.isSwitchedOver) return completed(input, verified.old);
      throw refusal(input, 'gone');
    }
    case 'delete':
      return removeDeployment(operations, input, decision.withGreen, options);
    case 'verifyDeletion':
      return verifyDeletion(operations, input, options);
    case 'end':
      return { state, end: state.rollbackReason === undefined ? 'succeeded' : 'rolledBack' };
    case 'switchoverCancelled':
      return cancelled(operations, input, options);
    case 'pastReturn':
      return pastReturn(state);
    case 'refuse':
      throw refusal(input, decision.because);
  }
}

async function create(
  operations: BlueGreenOperations,
  { state, now }: StepInput,
  options: CallOptions,
): Promise<StepResult> {
  const { request, source, createRequestedAt = now } = state;
  const isLate = now >= createRequestedAt + maxCreationSeconds * 1000;
  const live = await operations.findIdentity(source.identifier, options);
  if (live?.resourceId !== source.resourceId)
    throw new BlueGreenDeploymentError(`Blue/green deployment ${request.name} was not created`, {
      resource: request.name,
      expected: `the database ${source.resourceId} with the name ${source.identifier}`,
      actual: live?.resourceId ?? 'no database',
      remedy: 'The database was replaced, or switched over, since the run began. Begin a new run',
    });
  let created: ObservedDeployment | undefined;
  try {
    created = await operations.create(source, request, options);
  } catch (error) {
    if (isLate || !isStateFault(error) || !isRefusedForNow(error)) throw error;
    return { state };
  }
  if (created !== undefined)
    return {
      state: { ...state, deploymentId: created.id },
      events: [{ type: 'deploymentFound', deploymentIdentifier: created.id }],
    };
  if (!isLate) return { state };
  throw new BlueGreenDeploymentError(`Blue/green deployment ${request.name} was not found`, {
    resource: request.name,
    expected: 'a deployment of this name, because RDS refuses to create another one',
    actual: 'none in the list of RDS',
    remedy: 'Check that the role may describe all blue/green deployments, or choose another name',
  });
}

/** Reads the guardrails, and starts the switchover when all of them are met. */
async function switchOver(
  operations: BlueGreenOperations,
  { state, deployment, now }: StepInput,
  options: CallOptions,
): Promise<StepResult> {
  if (deployment === undefined) return { state };
  const { request, source } = state;
  const { maxReplicaLagSeconds, maxGuardrailWaitSeconds, switchoverTimeoutSeconds } = request;
  const limits = { wanted: source, maxReplicaLagSeconds };
  const { guardrails, green } = await operations.readGuardrails(deployment, limits, options);
  const failed = notMet(guardrails);
  if (failed.some(({ mayPass }) => !mayPass)) throw guardrailError(source.identifier, failed);
  const text = failed.length === 0 ? undefined : truncate(describeGuardrails(failed), maxCharacters);
  const { notMet: before, guardrailsSince = now, ...rest } = state;
  const events: readonly NewBlueGreenEvent[] =
    text === before ? [] : [{ type: 'guardrailsChanged', notMet: failed }];
  const known = { ...rest, ...(green !== undefined && { target: identityOf(green) }) };
  if (text !== undefined) {
    const waiting = { ...known, notMet: text, guardrailsSince };
    if (now < guardrailsSince + maxGuardrailWaitSeconds * 1000) return { state: waiting, events };
    const halt = sentences(
      `Switchover of ${source.identifier} cannot begin: ${text}`,
      'Nothing was changed',
      'Resume the run, or roll it back',
    );
    return { state: waiting, events, end: { halt } };
  }
  const isStarted = await operations.switchOver(deployment, switchoverTimeoutSeconds, options);
  if (isStarted !== true) return { state: { ...known, guardrailsSince }, events };
  return {
    state: { ...known, switchover: { requestedAt: now, isSeen: false } },
    events: [...events, { type: 'switchoverStarted', timeoutSeconds: switchoverTimeoutSeconds }],
  };
}

async function verify(
  operations: BlueGreenOperations,
  { state, deployment, now }: StepInput,
  options: CallOptions,
): Promise<StepResult> {
  const { switchover, source } = state;
  const verified = await verifySwitchover(operations, state, deployment, options);
  if (verified.isSwitchedOver) return completed({ state, now }, verified.old);
  // Counts from the first reading in which the names differ.
  const seen = switchover ?? { requestedAt: now, isSeen: true };
  const waiting = { ...state, switchover: seen };
  const limit = (state.request.switchoverTimeoutSeconds + maxRenamingSeconds) * 1000;
  if (now < seen.requestedAt + limit) return { state: waiting };
  const wanted = state.target?.resourceId ?? 'the green database';
  return { state: waiting, end: { halt: mismatch(source, wanted, verified.actual) } };
}

/** Believes the status only when a later reading confirms it, and the name still is that of the blue database. */
async function cancelled(
  operations: BlueGreenOperations,
  { state, deployment, now }: StepInput,
  options: CallOptions,
): Promise<StepResult> {
  const { source, switchover } = state;
  if (switchover === undefined) return { state };
  const live = await operations.findIdentity(source.identifier, options);
  const { endedSince = now } = switchover;
  const isBlue = live?.resourceId === source.resourceId;
  const waiting = { ...state, switchover: { ...switchover, endedSince } };
  if (now <= endedSince || (!isBlue && now < endedSince + maxRenamingSeconds * 1000))
    return { state: waiting };
  if (!isBlue) {
    const halt = mismatch(source, source.resourceId, live?.resourceId ?? 'no database');
    return { state: waiting, end: { halt } };
  }
  const status = deployment?.text ?? 'no deployment';
  const halt = sentences(
    `Switchover of ${source.identifier} ended without effect: ${status}`,
    'RDS has changed nothing, and its events name the reason',
    'Resume the run to switch over again, or roll it back',
  );
  return { state, events: [{ type: 'switchoverEndedWithoutEffect', status }], end: { halt } };
}

function refusal(
  { state, deployment }: StepInput,
  because: 'foreign' | 'gone' | 'deleting' | 'invalid',
): BlueGreenDeploymentError {
  const { request, source } = state;
  const { name: resource } = request;
  const actual = deployment?.text ?? 'no deployment';
  const failedTasks = (deployment?.tasks ?? []).flatMap(({ name, status }) =>
    status === 'FAILED' ? [`${name} FAILED`] : [],
  );
  if (because === 'foreign')
    return foreignError(resource, `${source.identifier} (${source.resourceId})`, deployment);
  if (because === 'invalid')
    return new BlueGreenDeploymentError(`Blue/green deployment ${resource} cannot switch over any more`, {
      resource,
      expected: 'AVAILABLE, with every task completed',
      actual: [actual, ...failedTasks].join(', '),
      remedy: 'Roll back: the green environment is deleted. Remove the reason, then create it again',
    });
  return new BlueGreenDeploymentError(`Blue/green deployment ${resource} was deleted outside the run`, {
    resource,
    expected: 'the deployment of this run',
    actual,
    remedy: 'Roll back, then begin a new run',
  });
}
