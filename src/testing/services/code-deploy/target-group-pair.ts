import type { SimulatedElasticLoadBalancing } from '../elastic-load-balancing/simulated-elastic-load-balancing.js';

/** The listeners of a deployment group and its two target groups. */
export interface SimulatedTrafficRoute {
  /** The ARNs of the target groups; the service's task set is behind the first one at the beginning. */
  readonly targetGroups: readonly [string, string];
  /** The ARN of the production listener, or of its rule. */
  readonly listenerArn: string;
  /**
   * The ARN of the test listener.
   * @default none
   */
  readonly testListenerArn?: string | undefined;
}

/** Writes the weights of a deployment. CodeDeploy leaves the idle target group in the action, with weight 0. */
export class SimulatedTargetGroupPair {
  readonly #route: SimulatedTrafficRoute;
  readonly #elasticLoadBalancing: SimulatedElasticLoadBalancing;

  constructor(route: SimulatedTrafficRoute, elasticLoadBalancing: SimulatedElasticLoadBalancing) {
    this.#route = route;
    this.#elasticLoadBalancing = elasticLoadBalancing;
  }

  get first(): string {
    return this.#route.targetGroups[0];
  }

  /** Returns the target group that this one is not. */
  other(targetGroupArn: string | undefined): string {
    const [first, second] = this.#route.targetGroups;
    return targetGroupArn === second ? first : second;
  }

  setWeights(listener: 'production' | 'test', weights: Readonly<Record<string, number>>): void {
    const { listenerArn, testListenerArn } = this.#route;
    const arn = listener === 'production' ? listenerArn : testListenerArn;
    if (arn === undefined) return;
    const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
      TargetGroupArn,
      Weight,
    }));
    this.#elasticLoadBalancing.changeActions(arn, (actions) =>
      actions.map((action) =>
        action.Type === 'forward'
          ? { ...action, TargetGroupArn: undefined, ForwardConfig: { ...action.ForwardConfig, TargetGroups } }
          : action,
      ),
    );
  }
}
