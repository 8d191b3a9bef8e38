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
import type { SimulatedEcs } from '../ecs/simulated-ecs.js';
import type {
  CodeDeployHookEvent,
  SimulatedDeploymentOptions,
  SimulatedDeploymentResult,
  SimulatedHookResponse,
  SimulatedTraffic,
} from './simulated-code-deploy-types.js';
import { type HookExecution, SimulatedDeployment } from './simulated-deployment.js';

/**
 * CodeDeploy in memory. It runs blue/green deployments of an ECS service that shift all traffic at once. It invokes the
 * hooks as Lambda does, waits for their responses, and rolls back when one fails, as a deployment group with automatic
 * rollback does.
 */
export class SimulatedCodeDeploy implements SimulatedService {
  readonly serviceId = 'CodeDeploy';
  readonly iamPrefix = 'codedeploy';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
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
  readonly #ecs: SimulatedEcs;
  readonly #executions: HookExecution[] = [];
  readonly #responses: SimulatedHookResponse[] = [];
  #deployment: SimulatedDeployment | undefined;
  #isDeploying = false;

  constructor(environment: SimulatedEnvironment, { ecs }: { ecs: SimulatedEcs }) {
    this.#environment = environment;
    this.#ecs = ecs;
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
   * Runs a deployment until the original task set is terminated or, when a hook or the installation failed, the
   * replacement. Time passes meanwhile.
   */
  async runDeployment(options: SimulatedDeploymentOptions): Promise<SimulatedDeploymentResult> {
    if (this.#isDeploying) throw new TypeError('SimulatedCloud runs one CodeDeploy deployment at a time');
    const deploymentId = this.#nextDeploymentId();
    this.#deployment = new SimulatedDeployment(options, {
      deploymentId,
      environment: this.#environment,
      ecs: this.#ecs,
      openExecution: () => this.#open(deploymentId),
    });
    this.#isDeploying = true;
    try {
      return await this.#deployment.run();
    } finally {
      this.#isDeploying = false;
    }
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
