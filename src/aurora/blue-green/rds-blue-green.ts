import type { CallOptions } from '../../core/aws-call.js';
import { callOptionsEntries, nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import { advanceEntries } from '../../resumable/run-entries.js';
import { truncateReason } from '../../resumable/truncate-reason.js';
import type { AdvanceOptions, Progress, Resumable, StateSummary } from '../../resumable/types.js';
import { decideBlueGreen } from './decide.js';
import { DirectChanges } from './direct-changes.js';
import { type BlueGreenEvent, logBlueGreenEvent, type NewBlueGreenEvent } from './events.js';
import { observeRun, withTarget } from './observe-run.js';
import { BlueGreenOperations } from './operations.js';
import {
  type BlueGreenSettings,
  parseBlueGreenOptions,
  parseBlueGreenRequest,
  parseCreateDeploymentOptions,
  parseDeleteOptions,
  parseGetOptions,
  parseSwitchOverOptions,
} from './parse.js';
import { runBlueGreenStep } from './run-step.js';
import {
  type BlueGreenState,
  firstBlueGreenState,
  parseBlueGreenState,
  summarizeBlueGreen,
  switchoverApproval,
  withoutHalt,
} from './state.js';
import type { StepResult } from './step-result.js';
import type {
  BlueGreenDeletion,
  BlueGreenGuardrail,
  BlueGreenReading,
  BlueGreenRequest,
  CreateBlueGreenOptions,
  DeleteBlueGreenOptions,
  GetBlueGreenOptions,
  RdsBlueGreenOptions,
  SwitchOverOptions,
} from './types.js';

/** Progress of `RdsBlueGreen`. */
export type BlueGreenProgress = Progress<BlueGreenState, BlueGreenEvent>;

const advanceSchema = strictObject(advanceEntries);
const callOptionsSchema = strictObject(callOptionsEntries);

/**
 * Upgrades a database with a blue/green deployment of RDS: creates the green environment, waits until it is available, reads the
 * guardrails, switches over within a time limit, and waits until the green database has the name of the production database.
 *
 * It is a `Resumable`: `runToEnd` runs it in a script, `stepFunctionsHandler` in a state machine, and `runDurably` in a durable
 * function. Until the switchover a rollback deletes the deployment with its green environment. No call of RDS takes a completed
 * switchover back: the former database is kept as `-old1`, with the data up to the switchover.
 *
 * @example
 * ```ts
 * import { RdsBlueGreen } from 'aws-blue-green-toolkit/aurora';
 * import { runToEnd } from 'aws-blue-green-toolkit/resumable';
 *
 * const blueGreen = new RdsBlueGreen({ clusterIdentifier: 'orders' });
 *
 * const { outcome, reason } = await runToEnd(blueGreen, {
 *   name: 'orders-to-17',
 *   green: { engineVersion: '17.4', clusterParameterGroupName: 'orders-17' },
 *   switchoverTimeoutSeconds: 120,
 * });
 * ```
 */
export class RdsBlueGreen implements Resumable<BlueGreenRequest, BlueGreenState, BlueGreenEvent> {
  readonly description: string;
  readonly #settings: BlueGreenSettings;
  readonly #operations: BlueGreenOperations;
  readonly #direct: DirectChanges;

  /** @throws InvalidInputError when an option is missing, unknown or malformed. */
  constructor(options: RdsBlueGreenOptions) {
    this.#settings = parseBlueGreenOptions(options);
    this.#operations = new BlueGreenOperations(this.#settings);
    this.#direct = new DirectChanges(this.#settings, this.#operations);
    const { kind, identifier } = this.#settings.source;
    this.description = `blue/green deployment of the database ${kind} ${identifier}`;
  }

  /** @throws InvalidInputError for anything but a request. */
  parseRequest(value: unknown): BlueGreenRequest {
    return parseBlueGreenRequest(this.#settings.source, value);
  }

  /** @throws InvalidInputError for anything but a state of this version. */
  parseState(value: unknown): BlueGreenState {
    return parseBlueGreenState(value);
  }

  /**
   * Returns the first state, with the resource ID of the production database. Changes nothing.
   *
   * @remarks IAM: rds:DescribeDBClusters, rds:DescribeDBInstances
   * @throws ResourceNotFoundError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async begin(request: BlueGreenRequest, options: CallOptions = {}): Promise<BlueGreenState> {
    const { signal } = parseInput('begin options', callOptionsSchema, options);
    const parsed = parseBlueGreenRequest(this.#settings.source, request);
    const source = await this.#operations.requireSource({ signal });
    return firstBlueGreenState(parsed, source, this.#settings.clock.now());
  }

  /**
   * Reads the deployment, and makes at most one change: creates it, starts the switchover, or deletes it.
   *
   * @remarks IAM: cloudwatch:GetMetricData, rds:CreateBlueGreenDeployment, rds:AddTagsToResource, rds:CreateDBInstance,
   * rds:CreateDBCluster, rds:CreateDBClusterEndpoint, rds:CreateDBInstanceReadReplica, rds:SwitchoverBlueGreenDeployment,
   * rds:ModifyDBCluster, rds:PromoteReadReplicaDBCluster, rds:ModifyDBInstance, rds:PromoteReadReplica,
   * rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, rds:DeleteBlueGreenDeployment,
   * rds:DeleteDBInstance, rds:DeleteDBCluster, rds:DeleteDBClusterEndpoint
   * @throws BlueGreenDeploymentError, UnexpectedResponseError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async advance(state: BlueGreenState, options: AdvanceOptions = {}): Promise<BlueGreenProgress> {
    const { signal, approved, rollBackAt } = parseInput('advance options', advanceSchema, options);
    const current = withoutHalt(parseBlueGreenState(state));
    return this.#step(current, [], { signal, approved, rollBackAt });
  }

  /**
   * Rolls back: deletes the deployment with its green environment, also when the green database has deletion protection. A switchover
   * that is in progress is waited for. After a completed one the run halts, and deletes nothing.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, rds:ModifyDBCluster,
   * rds:ModifyDBInstance, rds:DeleteBlueGreenDeployment, rds:DeleteDBInstance, rds:DeleteDBCluster, rds:DeleteDBClusterEndpoint
   * @throws BlueGreenDeploymentError, UnexpectedResponseError, InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async rollBack(
    state: BlueGreenState,
    reason: string,
    options: CallOptions = {},
  ): Promise<BlueGreenProgress> {
    const { signal } = parseInput('rollBack options', callOptionsSchema, options);
    const because = truncateReason(parseInput('Reason of a rollback', nonEmptyString, reason));
    const current = withoutHalt(parseBlueGreenState(state));
    if (current.outcome === 'rolledBack' || current.rollbackReason !== undefined)
      return this.#step(current, [], { signal });
    const { outcome: _, ...open } = current;
    const started = { type: 'rollingBack', reason: because } as const;
    const rollbackStartedAt = this.#settings.clock.now();
    return this.#step({ ...open, rollbackReason: because, rollbackStartedAt }, [started], { signal });
  }

  /** Halts: changes nothing more. RDS completes what it has accepted. */
  halt(state: BlueGreenState, reason: string): BlueGreenProgress {
    const because = truncateReason(parseInput('Reason of a halt', nonEmptyString, reason));
    return this.#progress({ state: parseBlueGreenState(state), end: { halt: because } }, []);
  }

  /** Returns the approval of the switchover when the request asks for it. */
  plannedApprovals(request: BlueGreenRequest): readonly string[] {
    return request.switchOver === 'afterApproval' ? [switchoverApproval] : [];
  }

  /** Summarizes a state. */
  summarize(state: BlueGreenState): StateSummary {
    return summarizeBlueGreen(parseBlueGreenState(state));
  }

  /**
   * Reads the deployment of this name.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances
   * @throws ResourceNotFoundError when the production database does not exist, UnexpectedResponseError, InvalidInputError,
   * AccessDeniedError, OperationAbortedError
   */
  async getDeployment(options: GetBlueGreenOptions): Promise<BlueGreenReading> {
    const { signal, ...request } = parseGetOptions(options);
    return (await this.#direct.find(request, { signal })).reading;
  }

  /**
   * Creates the deployment, unless this caller has created it before. It is available hours later.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, rds:CreateBlueGreenDeployment,
   * rds:AddTagsToResource, rds:CreateDBInstance, rds:CreateDBCluster, rds:CreateDBClusterEndpoint, rds:CreateDBInstanceReadReplica
   * @throws BlueGreenDeploymentError for a deployment of another caller, ResourceNotFoundError, ResourceStateError while one of this
   * name is deleted, UnexpectedResponseError, InvalidInputError, AccessDeniedError, OperationAbortedError; the refusals of RDS
   */
  async createDeployment(options: CreateBlueGreenOptions): Promise<BlueGreenReading> {
    const { signal, ...request } = parseCreateDeploymentOptions(this.#settings.source, options);
    return this.#direct.create(request, { signal });
  }

  /**
   * Reads the conditions of the switchover, as far as an API shows them. RDS checks all of them again when the switchover begins.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, cloudwatch:GetMetricData
   * @throws ResourceNotFoundError, BlueGreenDeploymentError for a deployment of another caller, UnexpectedResponseError,
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async readGuardrails(options: SwitchOverOptions): Promise<readonly BlueGreenGuardrail[]> {
    const { signal, ...request } = parseSwitchOverOptions('readGuardrails', options);
    return this.#direct.readGuardrails(request, { signal });
  }

  /**
   * Starts the switchover when every guardrail is met. RDS ends it by itself, within the time limit. Does nothing when it is in
   * progress or completed.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, cloudwatch:GetMetricData,
   * rds:SwitchoverBlueGreenDeployment, rds:ModifyDBCluster, rds:PromoteReadReplicaDBCluster, rds:ModifyDBInstance,
   * rds:PromoteReadReplica
   * @throws BlueGreenNotReadyError when a guardrail is not met yet, BlueGreenDeploymentError when one can no longer be met or the
   * deployment belongs to another caller, ResourceNotFoundError, ResourceStateError, UnexpectedResponseError, InvalidInputError,
   * AccessDeniedError, OperationAbortedError
   */
  async switchOver(options: SwitchOverOptions): Promise<void> {
    const { signal, ...request } = parseSwitchOverOptions('switchOver', options);
    await this.#direct.switchOver(request, { signal });
  }

  /**
   * Deletes the deployment with its green environment, also when the green database has deletion protection. A deployment of another
   * caller is left alone. `maxWaitSeconds`: while RDS refuses the deletion, such as during the creation; default 1800.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, rds:ModifyDBCluster,
   * rds:ModifyDBInstance, rds:DeleteBlueGreenDeployment, rds:DeleteDBInstance, rds:DeleteDBCluster, rds:DeleteDBClusterEndpoint
   * @throws BlueGreenDeploymentError after the switchover, WaitTimeoutError, ResourceNotFoundError, UnexpectedResponseError,
   * InvalidInputError, AccessDeniedError, OperationAbortedError
   */
  async deleteGreenEnvironment(options: DeleteBlueGreenOptions): Promise<BlueGreenDeletion> {
    const { signal, maxWaitSeconds, ...request } = parseDeleteOptions('deleteGreenEnvironment', options);
    return this.#direct.deleteGreen(request, { signal, maxWaitSeconds });
  }

  /**
   * Deletes the deployment after its switchover, and no database. The former database accepts writes again.
   *
   * @remarks IAM: rds:DescribeBlueGreenDeployments, rds:DescribeDBClusters, rds:DescribeDBInstances, rds:DeleteBlueGreenDeployment,
   * rds:DeleteDBInstance, rds:DeleteDBCluster, rds:DeleteDBClusterEndpoint
   * @throws ResourceStateError before the switchover is completed, ResourceNotFoundError, UnexpectedResponseError, InvalidInputError,
   * AccessDeniedError, OperationAbortedError
   */
  async deleteCompletedDeployment(options: GetBlueGreenOptions): Promise<BlueGreenDeletion> {
    const { signal, ...request } = parseGetOptions(options, 'deleteCompletedDeployment');
    return this.#direct.deleteCompleted(request, { signal });
  }

  async #step(
    before: BlueGreenState,
    started: readonly NewBlueGreenEvent[],
    { signal, approved = [], rollBackAt }: AdvanceOptions,
  ): Promise<BlueGreenProgress> {
    const { outcome, request, deploymentId: id } = before;
    if (outcome !== undefined) return { state: before, waitSeconds: 0, events: [], outcome };
    const deployment = await this.#operations.findDeployment({ name: request.name, id }, { signal });
    const now = this.#settings.clock.now();
    const observed = observeRun(before, deployment, { now, rollBackAt });
    const state = await withTarget(this.#operations, observed.state, deployment, { signal });
    const decision = decideBlueGreen(state, deployment, { now, approved });
    const input = { state, deployment, now };
    const result = await runBlueGreenStep(this.#operations, decision, input, { signal });
    return this.#progress(result, [...started, ...observed.events]);
  }

  #progress(result: StepResult, before: readonly NewBlueGreenEvent[]): BlueGreenProgress {
    const { state, end, isHeld, isQuick, events = [] } = result;
    const all = [...before, ...events];
    if (end === undefined)
      return {
        state,
        waitSeconds: isQuick === true ? 0 : this.#settings.intervalSeconds,
        events: this.#emit(all),
        ...(isHeld === true && {
          heldAt: { key: switchoverApproval, detail: `switch over the ${this.description}` },
        }),
      };
    const isHalt = typeof end === 'object';
    const outcome = isHalt ? 'halted' : end;
    const reason = isHalt ? end.halt : outcome === 'rolledBack' ? state.rollbackReason : undefined;
    const ended = isHalt ? { ...state, haltReason: end.halt } : { ...state, outcome: end };
    const event = { type: 'ended', outcome, ...(reason !== undefined && { reason }) } as const;
    return { state: ended, waitSeconds: 0, events: this.#emit([...all, event]), outcome };
  }

  #emit(events: readonly NewBlueGreenEvent[]): BlueGreenEvent[] {
    const { logger, source, clock } = this.#settings;
    for (const event of events) logBlueGreenEvent(logger, source.identifier, event);
    const at = clock.now();
    return events.map((event) => ({ at, ...event }));
  }
}
