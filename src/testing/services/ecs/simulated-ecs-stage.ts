import type {
  EcsDeploymentStageName,
  EcsHookLambdaEvent,
  EcsHookStageName,
  SimulatedEcsHookExecution,
} from './simulated-ecs-deployment-types.js';
import type { HookOfDeployment } from './simulated-ecs-hook-execution.js';

/** The ARNs of a deployment, of its service and of both revisions. */
export type ServiceDeploymentArns = Readonly<
  Record<'cluster' | 'service' | 'deployment' | 'target' | 'source', string>
>;

/** A stage of the deployment. */
export interface Stage {
  readonly name: EcsDeploymentStageName;
  /** The work of ECS itself, before the hooks run. */
  readonly work?: (signal: AbortSignal) => Promise<void>;
  /** The traffic weights in the events of the hooks. */
  readonly test?: number;
  readonly production?: number;
}

/** Returns the event of the hooks at a stage. */
export function eventOf(
  { name, test, production }: Stage & { name: EcsHookStageName },
  arns: ServiceDeploymentArns,
) {
  const { service, deployment, target, source } = arns;
  const weights = (percent: number | undefined) =>
    percent === undefined ? {} : { [target]: percent, [source]: 100 - percent };
  return {
    lifecycleStage: name,
    resourceArn: deployment,
    executionDetails: {
      serviceArn: service,
      targetServiceRevisionArn: target,
      testTrafficWeights: weights(test),
      productionTrafficWeights: weights(production),
    },
  } satisfies Omit<EcsHookLambdaEvent, 'executionId'>;
}

/** Returns true when the deployment continues after this execution. */
export function isGoodEnd({ status }: SimulatedEcsHookExecution, { hook }: HookOfDeployment): boolean {
  return status === 'SUCCEEDED' || (status === 'TIMED_OUT' && hook.timeoutAction === 'CONTINUE');
}
