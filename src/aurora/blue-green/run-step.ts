import type { CallOptions } from '../../core/aws-call.js';
import { isRefusedForNow } from '../../core/failures.js';
import { truncate } from '../../core/truncate.js';
import { BlueGreenDeploymentError } from './blue-green-error.js';
import type { BlueGreenDecision } from './decide.js';
import type { NewBlueGreenEvent } from './events.js';
import { describeGuardrails, notMet } from './guardrails.js';
import type { ObservedDeployment } from './observe.js';
import type { BlueGreenOperations } from './operations.js';
import { foreignError, guardrailError } from './refusals.js';
import type { BlueGreenState } from './state.js';
import { verifySwitchover } from './verify-switchover.js';

/** Result of one step. */
export interface StepResult {
  readonly state: BlueGreenState;
  readonly events?: readonly NewBlueGreenEvent[];
  /** True when the next step can follow at once. */
  readonly isQuick?: boolean;
  readonly end?: 'succeeded' | 'rolledBack' | { readonly halt: string };
  readonly isHeld?: boolean;
}

/** A decision with its readings. */
export interface StepInput {
  readonly state: BlueGreenState;
  readonly deployment: ObservedDeployment | undefined;
  readonly now: number;
}

/** Seconds for which RDS may refuse a creation because of the state of the production database, or may not list the deployment. */
const maxCreationSeconds = 3600;

/** Seconds for which the names may differ from the status of the deployment. */
const maxRenamingSeconds = 600;

/** Seconds for which RDS may refuse the deletion: more than the creation of a large green environment takes. */
const maxRefusalSeconds = 86_400;

/** Longest text in a state. */
const maxCharacters = 1000;

/** A reason of several sentences. */
function sentences(...parts: readonly string[]): string {
  return truncate(parts.join('. '), maxCharacters);
}

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
    case 'delete':
      return remove(operations, input, decision.withGreen, options);
    case 'verifyDeletion':
      return verifyDeletion(operations, state, options);
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
    if (
      isLate ||
      !(error instanceof Error && /^InvalidDB\w*State/.test(error.name)) ||
      !isRefusedForNow(error)
    )
      throw error;
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

function identityOf({ arn, identifier, resourceId }: NonNullable<BlueGreenState['target']>) {
  return { arn, identifier, resourceId };
}

async function verify(
  operations: BlueGreenOperations,
  { state, deployment, now }: StepInput,
  options: CallOptions,
): Promise<StepResult> {
  const { switchover, source } = state;
  const verified = await verifySwitchover(operations, state, deployment, options);
  if (verified.isSwitchedOver) {
    const { old } = verified;
    return {
      state: { ...state, switchedOverAt: now, ...(old !== undefined && { oldDatabase: identityOf(old) }) },
      events: [{ type: 'switchoverCompleted', ...(old !== undefined && { oldIdentifier: old.identifier }) }],
      isQuick: true,
    };
  }
  // Counts from the first reading in which the names differ.
  const seen = switchover ?? { requestedAt: now, isSeen: true };
  const waiting = { ...state, switchover: seen };
  const limit = (state.request.switchoverTimeoutSeconds + maxRenamingSeconds) * 1000;
  if (now < seen.requestedAt + limit) return { state: waiting };
  const wanted = state.target?.resourceId ?? 'the green database';
  const halt = sentences(
    `Name of ${source.identifier} does not match the switchover: expected ${wanted}, got ${verified.actual}`,
    'Nothing more was changed',
    'Compare the databases by their resource IDs, then resume',
  );
  return { state: waiting, end: { halt } };
}

async function remove(
  operations: BlueGreenOperations,
  { state, deployment, now }: StepInput,
  withGreen: boolean,
  options: CallOptions,
): Promise<StepResult> {
  if (deployment === undefined) return { state };
  const result = await operations.delete(deployment, { wanted: state.source, withGreen }, options);
  const known = await withTarget(operations, state, deployment, options);
  if (typeof result === 'object') return refused(known, result.refusal, now);
  if (result === 'unprotected')
    return {
      state: known,
      events: [{ type: 'protectionRemoved', identifier: known.target?.identifier ?? deployment.id }],
      isQuick: true,
    };
  return {
    state: { ...known, deploymentId: deployment.id, deletionRequestedAt: now },
    events: [{ type: 'deletionStarted', withGreen }],
  };
}

/** RDS refuses a deletion while it creates the green environment, which takes hours. */
function refused(state: BlueGreenState, { message }: Error, now: number): StepResult {
  const { refusedSince = now } = state;
  const waiting = { ...state, refusedSince };
  if (now < refusedSince + maxRefusalSeconds * 1000) return { state: waiting };
  const halt = sentences(
    `Blue/green deployment ${state.request.name} cannot be deleted: ${message}`,
    'Remove the reason, then resume',
  );
  return { state: waiting, end: { halt } };
}

/** Remembers the green database, whose end the run waits for. */
async function withTarget(
  operations: BlueGreenOperations,
  state: BlueGreenState,
  { targetArn }: ObservedDeployment,
  options: CallOptions,
): Promise<BlueGreenState> {
  if (state.target !== undefined || targetArn === undefined || state.switchedOverAt !== undefined)
    return state;
  const identifier = targetArn.slice(targetArn.lastIndexOf(':') + 1);
  const target = await operations.findIdentity(identifier, options);
  return target === undefined ? state : { ...state, target: identityOf(target) };
}

/** RDS deletes the green environment together with the deployment, or soon after. */
async function verifyDeletion(
  operations: BlueGreenOperations,
  state: BlueGreenState,
  options: CallOptions,
): Promise<StepResult> {
  const { target, source } = state;
  if (target !== undefined) {
    const live = await operations.findIdentity(source.identifier, options);
    if (live?.resourceId === target.resourceId) return pastReturn(state);
    const green = await operations.findIdentity(target.identifier, options);
    const remains = green?.resourceId === target.resourceId;
    if (remains && state.deletionRequestedAt !== undefined) return { state };
    if (remains) {
      const halt = sentences(
        `Green database ${target.identifier} (${target.resourceId}) still exists, and its deployment was deleted outside the run`,
        'Delete it by hand, then resume',
      );
      return { state, end: { halt } };
    }
  }
  return { state, end: 'rolledBack' };
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
  if (live?.resourceId !== source.resourceId || now <= endedSince)
    return { state: { ...state, switchover: { ...switchover, endedSince } } };
  const status = deployment?.text ?? 'no deployment';
  const halt = sentences(
    `Switchover of ${source.identifier} ended without effect: ${status}`,
    'RDS has changed nothing, and its events name the reason',
    'Resume the run to switch over again, or roll it back',
  );
  return { state, events: [{ type: 'switchoverEndedWithoutEffect', status }], end: { halt } };
}

/** No call of RDS takes a completed switchover back. */
function pastReturn(state: BlueGreenState): StepResult {
  const { source, oldDatabase, rollbackReason } = state;
  const old = oldDatabase?.identifier ?? `${source.identifier}-old1`;
  const halt = sentences(
    `Switchover of ${source.identifier} is completed, and cannot be taken back: ${rollbackReason}`,
    `Keep ${old} (${source.resourceId}), which has the data up to the switchover`,
  );
  return { state, end: { halt } };
}

function refusal(
  { state, deployment }: StepInput,
  because: 'foreign' | 'gone' | 'deleting' | 'invalid',
): BlueGreenDeploymentError {
  const { request, source } = state;
  const { name: resource } = request;
  const actual = deployment?.text ?? 'no deployment';
  if (because === 'foreign')
    return foreignError(resource, `${source.identifier} (${source.resourceId})`, deployment);
  if (because === 'invalid')
    return new BlueGreenDeploymentError(`Blue/green deployment ${resource} cannot switch over any more`, {
      resource,
      expected: 'AVAILABLE',
      actual,
      remedy: 'Roll back: the green environment is deleted. Remove the reason, then create it again',
    });
  return new BlueGreenDeploymentError(`Blue/green deployment ${resource} was deleted outside the run`, {
    resource,
    expected: 'the deployment of this run',
    actual,
    remedy: 'Roll back, then begin a new run',
  });
}
