import { ConflictException } from '@aws-sdk/client-ecs';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedServiceEvent } from '../event-bridge/event-deliveries.js';
import { hookEvent, serviceDeploymentEvent } from './service-deployment-event.js';
import { serviceDeploymentOperations } from './service-deployment-operations.js';
import { SimulatedEcsServiceDeployment } from './simulated-ecs-deployment.js';
import type {
  SimulatedEcsDeploymentOptions,
  SimulatedEcsDeploymentResult,
  SimulatedServiceDeployment,
  SimulatedTargetPercent,
} from './simulated-ecs-deployment-types.js';
import type { SimulatedEcsService } from './simulated-ecs-service.js';
import type { ServiceDeploymentArns } from './simulated-ecs-stage.js';
import { type RevisionDependencies, SimulatedServiceRevisions } from './simulated-service-revisions.js';

/**
 * The blue/green, linear and canary deployments that ECS runs itself: their stages, the Lambda and pause hooks at them, the bake time
 * and the rollback. They have revisions, traffic and time, but no tasks.
 */
export class SimulatedEcsDeployments {
  /** @internal */
  readonly operations;
  readonly #environment: SimulatedEnvironment;
  readonly #emit: (event: SimulatedServiceEvent) => void;
  readonly #deployments: SimulatedEcsServiceDeployment[] = [];
  readonly #revisions: SimulatedServiceRevisions;

  constructor(environment: SimulatedEnvironment, { emit }: { emit: (event: SimulatedServiceEvent) => void }) {
    this.#environment = environment;
    this.#emit = emit;
    this.#revisions = new SimulatedServiceRevisions(environment);
    this.operations = serviceDeploymentOperations(this.#deployments, this.#revisions);
  }

  /** @internal */
  connect(dependencies: RevisionDependencies): void {
    this.#revisions.connect(dependencies);
  }

  /**
   * Returns the ARNs of the current revisions of a service with two target groups: two during a deployment. Other services show
   * none, because their rolling deployments are simulated without revisions.
   *
   * @internal
   */
  currentRevisions(service: SimulatedEcsService): readonly string[] {
    const { serviceArn } = service;
    const [loadBalancer] = service.settings.loadBalancers ?? [];
    if (loadBalancer?.advancedConfiguration?.alternateTargetGroupArn === undefined) return [];
    const running = this.#deployments.find((it) => it.serviceArn === serviceArn && !it.hasEnded);
    if (running !== undefined) return [running.arns.source, running.arns.target];
    const last = this.#lastSuccessful(serviceArn);
    return [last?.arns.target ?? this.#revisions.ensureInitial(service, () => this.#revisionArn(service))];
  }

  /** Percent of the traffic that the new revision has, in the latest deployment. */
  get targetPercent(): SimulatedTargetPercent {
    return this.#deployments.at(-1)?.targetPercent ?? { test: 0, production: 0 };
  }

  /**
   * Runs a deployment until the old revision is gone or, when a hook failed or the deployment was stopped, until the
   * rollback is finished. Time passes meanwhile.
   *
   * @throws TypeError for a strategy that ECS refuses, InvalidInputError for an unknown stage of a hook.
   */
  async run(options: SimulatedEcsDeploymentOptions): Promise<SimulatedEcsDeploymentResult> {
    return this.start(options).ended;
  }

  /**
   * Starts a deployment, and returns while it runs. A running deployment of the same service is superseded.
   *
   * @throws TypeError for a strategy that ECS refuses, InvalidInputError for an unknown stage of a hook.
   */
  start(options: SimulatedEcsDeploymentOptions): SimulatedServiceDeployment {
    requireOptions('SimulatedEcsDeployments.start', options, {
      strategy: 'optional',
      service: 'optional',
      hooks: 'optional',
      listedHooks: ['active', 'ofStage'],
      alarmNames: 'optional',
      bakeTimeInMinutes: 'optional',
      scaleUpSeconds: 'optional',
      isReconciled: 'optional',
      rollBackWhen: 'optional',
      taskDefinition: 'optional',
      previousTaskDefinition: 'optional',
      hooksInRollback: ['afterShift', 'always', 'never'],
      whileRunning: ['supersede', 'refuse'],
      sendsFailedEvent: 'optional',
      onStage: 'optional',
    });
    const arns = this.#arnsOf(options);
    const running = this.#deployments.find((it) => it.serviceArn === arns.service && !it.hasEnded);
    const emit = (event: SimulatedServiceEvent | undefined) => event && this.#emit(event);
    let setWeights: (percent: SimulatedTargetPercent) => void = () => {};
    const isReconciled = options.isReconciled ?? running !== undefined;
    const deployment: SimulatedEcsServiceDeployment = new SimulatedEcsServiceDeployment(
      { ...options, isReconciled },
      this.#environment,
      {
        arns,
        emit: (status) => emit(serviceDeploymentEvent(this.#environment, deployment, status)),
        emitHook: (hook) => emit(hookEvent(this.#environment, deployment, hook)),
        setWeights: (percent) => setWeights(percent),
      },
    );
    if (running !== undefined && options.whileRunning === 'refuse')
      throw new ConflictException(
        clientFault(`The service has the running deployment ${running.serviceDeploymentArn}`),
      );
    this.#deployments.push(deployment);
    running?.supersede();
    setWeights = this.#revisions.deploy({
      arns,
      taskDefinition: options.taskDefinition,
      previousTaskDefinition: options.previousTaskDefinition,
    });
    // Reading the promise begins the deployment.
    void deployment.ended;
    return deployment;
  }

  /** The revision before is the one that the last successful deployment has brought. */
  #arnsOf({ service: named }: SimulatedEcsDeploymentOptions): ServiceDeploymentArns {
    const { arn, nextId } = this.#environment;
    const { cluster, service } = named ?? { cluster: 'shop', service: 'web' };
    const arnIn = (kind: string, id: string) => arn('ecs', `${kind}/${cluster}/${service}${id}`);
    const idOf = () => `/${nextId().replaceAll('-', '').slice(-19)}`;
    const serviceArn = arnIn('service', '');
    const last = this.#lastSuccessful(serviceArn);
    const newRevision = () => arnIn('service-revision', idOf());
    return {
      cluster: arn('ecs', `cluster/${cluster}`),
      service: serviceArn,
      source: last?.arns.target ?? this.#revisions.initialOf(serviceArn, newRevision),
      target: newRevision(),
      deployment: arnIn('service-deployment', idOf()),
    };
  }
  #lastSuccessful(serviceArn: string): SimulatedEcsServiceDeployment | undefined {
    return this.#deployments.findLast((it) => it.serviceArn === serviceArn && it.status === 'SUCCESSFUL');
  }

  #revisionArn({ serviceArn }: SimulatedEcsService): string {
    const id = this.#environment.nextId().replaceAll('-', '').slice(-19);
    return `${serviceArn.replace(':service/', ':service-revision/')}/${id}`;
  }
}
