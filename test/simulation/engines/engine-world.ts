import { type RecordedCall, SimulatedCloud } from '../../../src/testing/index.js';
import { AlbListenerRuleTarget } from '../../../src/traffic/targets/alb-listener-rule.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check, TrafficWeights } from '../../../src/traffic/types.js';
import type { EngineScenario } from './scenarios.js';

/** What an engine made of a scenario. */
export interface EngineRun {
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted';
  readonly reason: string | undefined;
}

/** Carries a scenario out. */
export type Engine = (world: EngineWorld, scenario: EngineScenario) => Promise<EngineRun>;

/** What was set, by whomever, and when. */
export interface GreenPercentAt {
  /** Virtual seconds since the beginning. */
  readonly seconds: number;
  readonly greenPercent: number;
}

/** The simulated cloud of one scenario, at its beginning. */
export interface EngineWorld {
  readonly cloud: SimulatedCloud;
  readonly ruleArn: string;
  readonly blueTargetGroupArn: string;
  readonly greenTargetGroupArn: string;
  /** What the process makes anew whenever it starts. */
  makeShifter(): TrafficShifter;
  /** Whether an approval that is asked for now is there already; the first question starts the clock. */
  isApproved(percent: number): boolean;
  /** When it will be there: virtual seconds from now; never when nobody gives it. */
  secondsUntilApproved(percent: number): number;
  /** What green had of the traffic, one after the other. */
  greenPercents(): GreenPercentAt[];
  /** What it has at the end, whoever has set it. */
  presentGreenPercent(): number;
}

/** Sets the scene. */
export function makeEngineWorld(scenario: EngineScenario): EngineWorld {
  const cloud = new SimulatedCloud();
  const { elasticLoadBalancing, clock } = cloud;
  const { arn: loadBalancerArn } = elasticLoadBalancing.addLoadBalancer({ name: 'shop' });
  const blue = elasticLoadBalancing.addTargetGroup({ name: 'shop-blue', targets: ['10.0.0.1', '10.0.0.2'] });
  const green = elasticLoadBalancing.addTargetGroup({
    name: 'shop-green',
    targets: ['10.0.1.1', '10.0.1.2'],
  });
  const forward = (greenPercent: number) => ({
    Type: 'forward' as const,
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: blue.arn, Weight: 100 - greenPercent },
        { TargetGroupArn: green.arn, Weight: greenPercent },
      ],
    },
  });
  const listener = elasticLoadBalancing.addListener({ loadBalancerArn, defaultActions: [forward(0)] });
  const { arn: ruleArn } = elasticLoadBalancing.addRule({
    listenerArn: listener.arn,
    priority: 10,
    conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
    actions: [forward(0)],
  });
  for (const fault of scenario.faults ?? []) cloud.injectFault(fault);

  const startedAt = clock.now();
  const secondsAt = (at: number) => (at - startedAt) / 1000;
  const foreign: GreenPercentAt[] = [];
  const { somebodyElse } = scenario;
  if (somebodyElse !== undefined) {
    const { atSeconds, greenPercent } = somebodyElse;
    clock.schedule(atSeconds, () => {
      elasticLoadBalancing.changeActions(ruleArn, () => [forward(greenPercent)]);
      foreign.push({ seconds: atSeconds, greenPercent });
    });
  }
  const askedAt = new Map<number, number>();
  const secondsUntilApproved = (percent: number) => {
    const since = askedAt.get(percent) ?? clock.now();
    askedAt.set(percent, since);
    const wait = scenario.approvesAfterSeconds ?? Number.POSITIVE_INFINITY;
    return Math.max(0, wait - (clock.now() - since) / 1000);
  };
  const percentOf = (weights: Readonly<Record<string, number>>) =>
    ((weights[green.arn] ?? 0) * 100) / ((weights[blue.arn] ?? 0) + (weights[green.arn] ?? 0));

  return {
    cloud,
    ruleArn,
    blueTargetGroupArn: blue.arn,
    greenTargetGroupArn: green.arn,
    makeShifter: () =>
      new TrafficShifter({
        target: new AlbListenerRuleTarget({
          ruleArns: [ruleArn],
          blue: { targetGroupArn: blue.arn },
          green: { targetGroupArn: green.arn },
          clients: cloud.clients,
          clock,
        }),
        checks: [checkOf(scenario)],
        clock,
      }),
    isApproved: (percent) => secondsUntilApproved(percent) === 0,
    secondsUntilApproved,
    greenPercents: () => {
      const own = cloud.calls.filter(tookEffect).map(({ at, input }) => ({
        seconds: secondsAt(at),
        greenPercent: percentOf(weightsIn(input)),
      }));
      const all = [...own, ...foreign].sort((one, other) => one.seconds - other.seconds);
      return [{ seconds: 0, greenPercent: 0 }, ...all].filter(
        (it, index, list) => it.greenPercent !== list[index - 1]?.greenPercent,
      );
    },
    presentGreenPercent: () => percentOf(elasticLoadBalancing.weightsInForce(ruleArn)),
  };
}

/** Starts a process again that died, a virtual second later, as often as it dies. */
export function restartWhenever(cloud: SimulatedCloud): () => void {
  return cloud.clock.every(1, () => cloud.restart());
}

function checkOf({ failsFromPercent = Number.POSITIVE_INFINITY }: EngineScenario): Check {
  return {
    name: 'errors',
    evaluate: async ({ weights }: { weights: TrafficWeights }) =>
      weights.green >= failsFromPercent
        ? { outcome: 'fail', detail: 'too many errors' }
        : { outcome: 'pass', detail: 'well' },
  };
}

/** A lost answer, and a process that died on the answer, do not undo a write. */
function tookEffect({ action, outcome }: RecordedCall): boolean {
  return action === 'elasticloadbalancing:ModifyRule' && ['ok', 'TimeoutError'].includes(outcome);
}

function weightsIn(input: unknown): Record<string, number> {
  const { Actions } = input as {
    Actions: { ForwardConfig?: { TargetGroups?: { TargetGroupArn: string; Weight: number }[] } }[];
  };
  const groups = Actions.flatMap(({ ForwardConfig }) => ForwardConfig?.TargetGroups ?? []);
  return Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Weight]));
}
