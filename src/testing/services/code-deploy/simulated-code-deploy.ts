import {
  DeploymentDoesNotExistException,
  DeploymentIdRequiredException,
  InvalidLifecycleEventHookExecutionIdException,
  InvalidLifecycleEventHookExecutionStatusException,
  LifecycleEventAlreadyCompletedException,
  type PutLifecycleEventHookExecutionStatusCommandInput,
  type PutLifecycleEventHookExecutionStatusCommandOutput,
} from '@aws-sdk/client-codedeploy';
import {
  clientFault,
  type OperationOutput,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedCloudWatch } from '../cloudwatch/simulated-cloudwatch.js';
import type { SimulatedEcs } from '../ecs/simulated-ecs.js';
import type { SimulatedElasticLoadBalancing } from '../elastic-load-balancing/simulated-elastic-load-balancing.js';
import type { SimulatedEventBridge } from '../event-bridge/simulated-event-bridge.js';
import type { SimulatedLambda } from '../lambda/simulated-lambda.js';
import { deploymentEvent } from './deployment-event.js';
import type {
  SimulatedDeploymentGroupOptions,
  SimulatedDeploymentRequest,
  SimulatedGroupDeployment,
} from './deployment-group-types.js';
import { deploymentOperations, findGroup } from './deployment-operations.js';
import { requireDeployment, requireHooks } from './deployment-schema.js';
import type { HookExecution } from './hook-execution.js';
import type {
  CodeDeployHookEvent,
  SimulatedDeploymentOptions,
  SimulatedDeploymentResult,
  SimulatedHookResponse,
  SimulatedTraffic,
} from './simulated-code-deploy-types.js';
import { SimulatedDeployment } from './simulated-deployment.js';
import { SimulatedDeploymentGroup } from './simulated-deployment-group.js';
import { SimulatedReplacement } from './simulated-replacement.js';

/** Other services that deployments use. */
interface CodeDeployDependencies {
  readonly ecs: SimulatedEcs;
  readonly elasticLoadBalancing: SimulatedElasticLoadBalancing;
  readonly cloudWatch: SimulatedCloudWatch;
  readonly lambda: SimulatedLambda;
  readonly eventBridge: SimulatedEventBridge;
}

/**
 * CodeDeploy in memory. It runs blue/green deployments of an ECS service, invokes the hooks as Lambda does, and waits for
 * their responses. `runDeployment` runs one deployment that rolls back by itself. A deployment group has everything else:
 * deployments one after another, stops, rollback deployments, target groups, alarms and events.
 */
export class SimulatedCodeDeploy implements SimulatedService {
  readonly serviceId = 'CodeDeploy';
  readonly iamPrefix = 'codedeploy';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly groups: SimulatedDeploymentGroup[] = [];
  /** @internal */
  readonly operations = {
    ...deploymentOperations(this.groups),

    PutLifecycleEventHookExecutionStatus: (
      input: PutLifecycleEventHookExecutionStatusCommandInput,
    ): OperationOutput<PutLifecycleEventHookExecutionStatusCommandOutput> => {
      const execution = this.#find(input);
      const { status } = input;
      if (status !== 'Succeeded' && status !== 'Failed') {
        const message = `Invalid status: expected Succeeded or Failed, got ${status}`;
        throw new InvalidLifecycleEventHookExecutionStatusException(clientFault(message));
      }
      if (execution.status !== 'InProgress') {
        throw new LifecycleEventAlreadyCompletedException(
          clientFault('The lifecycle event hook execution has already been completed'),
        );
      }
      execution.status = status;
      this.#responses.push({
        deploymentId: execution.DeploymentId,
        lifecycleEventHookExecutionId: execution.LifecycleEventHookExecutionId,
        status,
        at: this.#environment.clock.now(),
      });
      execution.responded.abort();
      return { lifecycleEventHookExecutionId: execution.LifecycleEventHookExecutionId };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #dependencies: CodeDeployDependencies;
  readonly #executions: HookExecution[] = [];
  readonly #responses: SimulatedHookResponse[] = [];
  #deployment: SimulatedDeployment | undefined;
  #isDeploying = false;

  constructor(environment: SimulatedEnvironment, dependencies: CodeDeployDependencies) {
    this.#environment = environment;
    this.#dependencies = dependencies;
  }

  /**
   * Creates a deployment group, in which one deployment after the other runs.
   *
   * @throws InvalidInputError for an unknown lifecycle event, or a malformed hook.
   */
  addDeploymentGroup(options: SimulatedDeploymentGroupOptions): void {
    requireOptions('SimulatedCodeDeploy.addDeploymentGroup', options, {
      application: 'text',
      name: 'text',
      service: 'optional',
      route: 'optional',
      hooks: 'optional',
      deploymentConfig: 'optional',
      autoRollback: 'optional',
      terminationWaitSeconds: 'optional',
      alarms: 'optional',
      hooksInRollback: 'optional',
      rollbackEventState: ['SUCCESS', 'ROLLBACK', 'none'],
      revisionType: ['AppSpecContent', 'S3'],
      statusWhileWaiting: ['InProgress', 'Baking'],
    });
    requireHooks('addDeploymentGroup', options);
    const { ecs, elasticLoadBalancing, cloudWatch, eventBridge } = this.#dependencies;
    const group = new SimulatedDeploymentGroup(options, {
      environment: this.#environment,
      ecs,
      elasticLoadBalancing,
      cloudWatch,
      findFunction: (name) => this.#findFunction(name),
      nextDeploymentId: () => this.#nextDeploymentId(),
      openExecution: (deploymentId) => this.#open(deploymentId),
      emit: (record, state) => eventBridge.emit(deploymentEvent(this.#environment, record, state)),
    });
    this.groups.push(group);
  }

  /**
   * Starts a deployment, as a pipeline does with CreateDeployment, and returns while it runs. Time passes until it has
   * ended.
   *
   * @throws DeploymentLimitExceededException while another deployment of the group runs, its rollback included; InvalidInputError for
   * an unknown lifecycle event, or a malformed hook.
   */
  startDeployment(options: SimulatedDeploymentRequest): SimulatedGroupDeployment {
    requireOptions('SimulatedCodeDeploy.startDeployment', options, {
      application: 'text',
      group: 'text',
      taskDefinition: 'optional',
      hooks: 'optional',
      onLifecycleEvent: 'optional',
      deploymentConfig: 'optional',
    });
    const { application, group, ...request } = options;
    requireHooks('startDeployment', request);
    const record = findGroup(this.groups, application, group).start(request);
    this.#deployment = record.run;
    return record;
  }

  /** The deployment of a deployment group with this ID. */
  deployment(deploymentId: string): SimulatedGroupDeployment {
    const records = this.groups.flatMap(({ deployments }) => deployments);
    const record = records.find((it) => it.deploymentId === deploymentId);
    if (record === undefined)
      throw new TypeError(`No deployment of a deployment group has the ID ${deploymentId}`);
    return record;
  }

  /** The task sets that take the traffic in the running deployment or, without one, after the last one. */
  get traffic(): SimulatedTraffic {
    return this.#deployment?.traffic ?? { production: 'original', test: 'original' };
  }

  /** Every response of a hook that took effect, oldest first. */
  get responses(): readonly SimulatedHookResponse[] {
    return this.#responses;
  }

  /** Opens a hook execution and returns its event, to invoke a handler by hand outside of any deployment. */
  openHookExecution(): CodeDeployHookEvent {
    const { DeploymentId, LifecycleEventHookExecutionId } = this.#open(this.#nextDeploymentId());
    return { DeploymentId, LifecycleEventHookExecutionId };
  }

  /**
   * Runs a deployment outside of any deployment group until the original task set is terminated or, when a hook or the installation failed, the
   * replacement. Time passes meanwhile.
   *
   * @throws InvalidInputError for an unknown option or lifecycle event, or a malformed hook.
   */
  async runDeployment(options: SimulatedDeploymentOptions): Promise<SimulatedDeploymentResult> {
    requireDeployment(options);
    if (this.#isDeploying) throw new TypeError('SimulatedCloud runs one CodeDeploy deployment at a time');
    const deploymentId = this.#nextDeploymentId();
    const { service, taskDefinition } = options;
    const { ecs } = this.#dependencies;
    const { clock } = this.#environment;
    const run = new SimulatedDeployment(options, {
      environment: this.#environment,
      replacement: new SimulatedReplacement({ deploymentId, ecs, clock, service, taskDefinition }),
      openExecution: () => this.#open(deploymentId),
      findFunction: (name) => this.#findFunction(name),
    });
    this.#deployment = run;
    this.#isDeploying = true;
    try {
      const problem = await run.runForward();
      if (problem !== undefined) await run.rollBack();
      const { lifecycleEvents, traffic, activeTaskSet } = run;
      return {
        deploymentId,
        status: problem === undefined ? 'Succeeded' : 'Failed',
        lifecycleEvents,
        traffic,
        ...(activeTaskSet !== undefined && { activeTaskSet }),
      };
    } finally {
      this.#isDeploying = false;
    }
  }

  #findFunction(name: string) {
    return this.#dependencies.lambda.findHookFunction<CodeDeployHookEvent>(name);
  }

  #open(deploymentId: string): HookExecution {
    const execution: HookExecution = {
      DeploymentId: deploymentId,
      LifecycleEventHookExecutionId: this.#environment.nextId(),
      status: 'InProgress',
      responded: new AbortController(),
    };
    this.#executions.push(execution);
    return execution;
  }

  #find(input: PutLifecycleEventHookExecutionStatusCommandInput): HookExecution {
    const { deploymentId, lifecycleEventHookExecutionId } = input;
    if (!deploymentId) throw new DeploymentIdRequiredException(clientFault('The deployment ID is missing'));
    const ofDeployment = this.#executions.filter(({ DeploymentId }) => DeploymentId === deploymentId);
    if (ofDeployment.length === 0) {
      throw new DeploymentDoesNotExistException(
        clientFault(`The deployment ${deploymentId} could not be found`),
      );
    }
    const execution = ofDeployment.find(
      (it) => it.LifecycleEventHookExecutionId === lifecycleEventHookExecutionId,
    );
    if (execution === undefined) {
      const message = `The lifecycle event hook execution ${lifecycleEventHookExecutionId} is invalid`;
      throw new InvalidLifecycleEventHookExecutionIdException(clientFault(message));
    }
    return execution;
  }

  /** Deployment IDs are `d-` and nine capitals or digits. */
  #nextDeploymentId(): string {
    return `d-${this.#environment.nextId().slice(-9).toUpperCase()}`;
  }
}
