import { type AutoRollbackEvent, DeploymentLimitExceededException } from '@aws-sdk/client-codedeploy';
import { clientFault } from '../../cloud/environment.js';
import type { SimulatedCloudWatch } from '../cloudwatch/simulated-cloudwatch.js';
import type { SimulatedEcs } from '../ecs/simulated-ecs.js';
import type { SimulatedElasticLoadBalancing } from '../elastic-load-balancing/simulated-elastic-load-balancing.js';
import { hookNames, namesOf, type RevisionPlace, readAppSpec, writeAppSpec } from './app-spec.js';
import { watchAlarms } from './deployment-alarms.js';
import type {
  SimulatedDeploymentGroupOptions,
  SimulatedDeploymentRequest,
} from './deployment-group-types.js';
import type { DeploymentProblem } from './deployment-problem.js';
import { type DeploymentIdentity, DeploymentRecord } from './deployment-record.js';
import type { HookDependencies, HookExecution } from './hook-execution.js';
import { SimulatedDeployment } from './simulated-deployment.js';
import { SimulatedReplacement } from './simulated-replacement.js';
import { SimulatedTargetGroupPair } from './target-group-pair.js';

/** Dependencies of a deployment group. */
export interface GroupDependencies extends HookDependencies {
  readonly ecs: SimulatedEcs;
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
  readonly cloudWatch: SimulatedCloudWatch;
  readonly nextDeploymentId: () => string;
  readonly openExecution: (deploymentId: string) => HookExecution;
  /** Sends an event about a deployment. */
  readonly emit: (record: DeploymentRecord, state: string) => void;
}

type Hooks = SimulatedDeploymentRequest['hooks'];

/** A deployment group with its deployments, of which one runs at a time. */
export class SimulatedDeploymentGroup {
  readonly options: SimulatedDeploymentGroupOptions;
  readonly deployments: DeploymentRecord[] = [];
  /** The AppSpec file that was deployed last, which a rollback deploys again. */
  lastRevision: string;
  readonly #dependencies: GroupDependencies;
  readonly #targetGroups: SimulatedTargetGroupPair | undefined;
  #lastHooks: Hooks;

  constructor(options: SimulatedDeploymentGroupOptions, dependencies: GroupDependencies) {
    this.options = options;
    this.#dependencies = dependencies;
    const { route, service, hooks } = options;
    const { ecs, elasticLoadBalancing } = dependencies;
    this.#targetGroups = route && new SimulatedTargetGroupPair(route, elasticLoadBalancing);
    const primary = service && ecs.service(service.cluster, service.service).taskSets[0];
    if (primary !== undefined) primary.targetGroupArn ??= this.#targetGroups?.first;
    this.lastRevision = writeAppSpec({
      taskDefinition: primary?.taskDefinition ?? 'none',
      hooks: namesOf(hooks),
    });
    this.#lastHooks = hooks;
  }

  /**
   * Starts a deployment. CodeDeploy refuses it until the one before, the termination wait and the rollback included, has
   * ended: CircleCI-Public/aws-ecs-orb#181 has the message, aws-actions/amazon-ecs-deploy-task-definition#345 the wait.
   */
  start(
    request: Omit<SimulatedDeploymentRequest, 'application' | 'group'>,
    revision?: string,
  ): DeploymentRecord {
    const running = this.deployments.find((it) => !it.hasEnded || (it.rollback && !it.rollback.hasEnded));
    if (running !== undefined) {
      const active = running.hasEnded ? running.rollback : running;
      throw new DeploymentLimitExceededException(
        clientFault(
          `The Deployment Group '${this.options.name}' already has an active Deployment '${active?.deploymentId}'`,
        ),
      );
    }
    const content = revision ?? this.#revisionOf(request);
    const spec = readAppSpec(content);
    const hooks = request.hooks ?? (revision === undefined ? this.options.hooks : spec.hooks);
    const { taskDefinition } = spec;
    const record = this.#record({ ...request, taskDefinition, hooks }, content);
    void this.#carryOut(record, hooks);
    return record;
  }

  get place(): RevisionPlace {
    const { application, revisionType = 'AppSpecContent' } = this.options;
    return { application, revisionType };
  }

  #revisionOf({
    taskDefinition,
    hooks = this.options.hooks,
  }: {
    taskDefinition?: string | undefined;
    hooks?: Hooks;
  }) {
    const { ecs } = this.#dependencies;
    const { service } = this.options;
    const named = service && taskDefinition !== undefined && ecs.addTaskDefinition(taskDefinition);
    const present = readAppSpec(this.lastRevision).taskDefinition;
    return writeAppSpec({
      taskDefinition: named || (taskDefinition ?? present),
      hooks: namesOf(hooks),
    });
  }

  #record(
    request: Pick<
      SimulatedDeploymentRequest,
      'taskDefinition' | 'hooks' | 'onLifecycleEvent' | 'deploymentConfig'
    >,
    revision: string,
  ): DeploymentRecord {
    const { ecs, environment, findFunction, openExecution } = this.#dependencies;
    const { deploymentConfig = this.options.deploymentConfig ?? 'CodeDeployDefault.ECSAllAtOnce' } = request;
    const identity = this.#identity('user', revision, deploymentConfig);
    const { deploymentId } = identity;
    const { service } = this.options;
    const replacement = new SimulatedReplacement({
      deploymentId,
      ecs,
      clock: environment.clock,
      service,
      taskDefinition: service === undefined ? undefined : request.taskDefinition,
      targetGroups: this.#targetGroups,
    });
    const run = new SimulatedDeployment(
      { ...request, deploymentConfig, terminationWaitSeconds: this.options.terminationWaitSeconds },
      { environment, replacement, findFunction, openExecution: () => openExecution(deploymentId) },
    );
    const record = new DeploymentRecord(identity, run, environment.clock);
    this.deployments.push(record);
    return record;
  }

  #identity(
    creator: DeploymentIdentity['creator'],
    revision: string,
    deploymentConfig: DeploymentIdentity['deploymentConfig'],
  ): DeploymentIdentity {
    const { name, statusWhileWaiting = 'InProgress' } = this.options;
    return {
      deploymentId: this.#dependencies.nextDeploymentId(),
      place: this.place,
      group: name,
      creator,
      deploymentConfig,
      revision,
      previousRevision: this.lastRevision,
      statusWhileWaiting,
    };
  }

  async #carryOut(record: DeploymentRecord, hooks: Hooks): Promise<void> {
    const { emit } = this.#dependencies;
    emit(record, 'START');
    const unwatch = watchAlarms(this.options.alarms ?? [], record.run, this.#dependencies);
    const problem = await record.run.runForward();
    unwatch();
    record.problem = problem;
    if (problem === undefined) {
      this.lastRevision = record.identity.revision;
      this.#lastHooks = hooks;
      record.finish('Succeeded');
      emit(record, 'SUCCESS');
      return;
    }
    if (this.#rollsBack(record, problem)) this.#startRollback(record);
    record.finish(problem.isStop ? 'Stopped' : 'Failed');
    emit(record, problem.isStop ? 'STOP' : 'FAILURE');
  }

  /**
   * A request decides for itself, otherwise the group does. Before the installation there is nothing to roll back: "A
   * rollback is not possible at this point", says CodeDeploy's user guide of BeforeInstall.
   */
  #rollsBack({ run }: DeploymentRecord, { code, isStop, rollBack }: DeploymentProblem): boolean {
    if (!run.hasBegunInstall) return false;
    if (rollBack !== undefined) return rollBack;
    const { autoRollback = false } = this.options;
    if (typeof autoRollback === 'boolean') return autoRollback;
    const stopEvent: AutoRollbackEvent =
      code === 'ALARM_ACTIVE' ? 'DEPLOYMENT_STOP_ON_ALARM' : 'DEPLOYMENT_STOP_ON_REQUEST';
    return autoRollback.includes(isStop ? stopEvent : 'DEPLOYMENT_FAILURE');
  }

  /** A rollback is a new deployment of the last revision, with its own ID: deployments-rollback-and-redeploy.html. */
  #startRollback(failed: DeploymentRecord): void {
    const { environment } = this.#dependencies;
    const identity = this.#identity(
      'codeDeployRollback',
      this.lastRevision,
      failed.identity.deploymentConfig,
    );
    const record = new DeploymentRecord(identity, failed.run, environment.clock);
    record.triggeredBy = failed.deploymentId;
    failed.rollback = record;
    failed.rollbackMessage = `The deployment ${record.deploymentId} rolls this deployment back`;
    this.deployments.push(record);
    void this.#carryOutRollback(record);
  }

  async #carryOutRollback(record: DeploymentRecord): Promise<void> {
    const { emit, openExecution } = this.#dependencies;
    const { hooksInRollback = false, rollbackEventState = 'SUCCESS' } = this.options;
    const hooks = hooksInRollback ? (this.#lastHooks ?? {}) : {};
    const open = () => openExecution(record.deploymentId);
    if (rollbackEventState !== 'none') emit(record, 'START');
    record.problem =
      (await record.run.runHooks(hooks, hookNames.slice(0, -1), open)) ??
      (await record.run.moveBack()) ??
      (await record.run.runHooks(hooks, hookNames.slice(-1), open));
    record.finish(record.problem === undefined ? 'Succeeded' : 'Failed');
    if (rollbackEventState !== 'none') emit(record, record.problem ? 'FAILURE' : rollbackEventState);
  }
}
