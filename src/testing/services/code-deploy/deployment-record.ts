import type { DeploymentInfo, DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { VirtualClock } from '../../cloud/virtual-clock.js';
import { locationOf, type RevisionPlace } from './app-spec.js';
import { nameOfConfiguration, type SimulatedDeploymentConfiguration } from './deployment-configurations.js';
import type { SimulatedGroupDeployment } from './deployment-group-types.js';
import type { DeploymentProblem } from './deployment-problem.js';
import type { SimulatedDeployment } from './simulated-deployment.js';

/** Members of a deployment that do not change. */
export interface DeploymentIdentity {
  readonly deploymentId: string;
  /** The place of its AppSpec file. */
  readonly place: RevisionPlace;
  readonly group: string;
  readonly creator: SimulatedGroupDeployment['creator'];
  readonly deploymentConfig: SimulatedDeploymentConfiguration;
  /** The content of its AppSpec file. */
  readonly revision: string;
  readonly previousRevision: string | undefined;
  readonly statusWhileWaiting: 'InProgress' | 'Baking';
}

const endedStatuses: readonly DeploymentStatus[] = ['Succeeded', 'Failed', 'Stopped'];

/** A deployment as GetDeployment shows it. */
export class DeploymentRecord implements SimulatedGroupDeployment {
  readonly identity: DeploymentIdentity;
  readonly ended: Promise<DeploymentStatus>;
  readonly startedAt: number;
  rollback: DeploymentRecord | undefined;
  /** The deployment that this one rolls back. */
  triggeredBy: string | undefined;
  rollbackMessage: string | undefined;
  problem: DeploymentProblem | undefined;
  readonly #run: SimulatedDeployment;
  readonly #clock: VirtualClock;
  readonly #end: (status: DeploymentStatus) => void;
  #status: DeploymentStatus = 'InProgress';
  #endedAt: number | undefined;

  constructor(identity: DeploymentIdentity, run: SimulatedDeployment, clock: VirtualClock) {
    this.identity = identity;
    this.#run = run;
    this.#clock = clock;
    this.startedAt = clock.now();
    let end: (status: DeploymentStatus) => void = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#end = end;
  }

  get deploymentId(): string {
    return this.identity.deploymentId;
  }

  get creator(): SimulatedGroupDeployment['creator'] {
    return this.identity.creator;
  }

  get status(): DeploymentStatus {
    const isWaiting = this.#status === 'InProgress' && this.#run.currentStep === 'TerminateOriginal';
    return isWaiting ? this.identity.statusWhileWaiting : this.#status;
  }

  get replacementPercent(): number {
    return this.#run.replacementPercent;
  }

  get lifecycleEvents() {
    return this.#run.lifecycleEvents;
  }

  get hasEnded(): boolean {
    return endedStatuses.includes(this.#status);
  }

  get run(): SimulatedDeployment {
    return this.#run;
  }

  stop({ rollBack }: { readonly rollBack?: boolean } = {}): void {
    if (this.hasEnded) return;
    this.#run.stop({
      code: 'MANUAL_STOP',
      message: 'The deployment was stopped by a user',
      isStop: true,
      rollBack,
    });
  }

  stopAfter(seconds: number, options: { readonly rollBack?: boolean } = {}): void {
    this.#clock.schedule(seconds, () => this.stop(options));
  }

  finish(status: 'Succeeded' | 'Failed' | 'Stopped'): void {
    this.#status = status;
    this.#endedAt = this.#clock.now();
    this.#end(status);
  }

  /** Returns the deployment as GetDeployment does: the revision by its hash, without its content. */
  describe(): DeploymentInfo {
    const { deploymentId, place, group, creator, deploymentConfig, ...revisions } = this.identity;
    const { revision, previousRevision } = revisions;
    const rollbackDeploymentId = this.rollback?.deploymentId;
    return {
      applicationName: place.application,
      deploymentGroupName: group,
      deploymentId,
      deploymentConfigName: nameOfConfiguration(deploymentConfig),
      creator,
      status: this.status,
      computePlatform: 'ECS',
      deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
      revision: locationOf(revision, place),
      ...(previousRevision !== undefined && { previousRevision: locationOf(previousRevision, place) }),
      createTime: new Date(this.startedAt),
      startTime: new Date(this.startedAt),
      ...(this.#endedAt !== undefined && { completeTime: new Date(this.#endedAt) }),
      ...(this.problem !== undefined && {
        errorInformation: { code: this.problem.code, message: this.problem.message },
      }),
      rollbackInfo: {
        ...(rollbackDeploymentId !== undefined && { rollbackDeploymentId }),
        ...(this.triggeredBy !== undefined && { rollbackTriggeringDeploymentId: this.triggeredBy }),
        ...(this.rollbackMessage !== undefined && { rollbackMessage: this.rollbackMessage }),
      },
    };
  }
}
