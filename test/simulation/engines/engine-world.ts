import { type RecordedCall, SimulatedCloud } from '../../../src/testing/index.js';
import { AlbListenerRuleTarget } from '../../../src/traffic/targets/alb-listener-rule.js';
import { TrafficShifter } from '../../../src/traffic/traffic-shifter.js';
import type { Check, TrafficWeights } from '../../../src/traffic/types.js';
import type { EngineScenario } from './scenarios.js';

/** Result of a scenario on an engine. */
export interface EngineRun {
  readonly outcome: 'succeeded' | 'rolledBack' | 'halted';
  readonly reason: string | undefined;
}

/** Runs a scenario. */
export type Engine = (world: EngineWorld, scenario: EngineScenario) => Promise<EngineRun>;

/** Weights of one write, by the shift or another writer. */
export interface GreenPercentAt {
  /** Virtual seconds since the beginning. */
  readonly seconds: number;
  readonly greenPercent: number;
}

/** Simulated cloud of one scenario. */
export interface EngineWorld {
  readonly cloud: SimulatedCloud;
  readonly ruleArn: string;
  readonly blueTargetGroupArn: string;
  readonly greenTargetGroupArn: string;
  /** Creates the shifter, as a new process does. */
  makeShifter(): TrafficShifter;
  /** True when the approval is there. The first call starts its time. */
  isApproved(percent: number): boolean;
  /** Virtual seconds until the approval; infinite when it never arrives. */
  secondsUntilApproved(percent: number): number;
  /** Shares of green in their order. */
  greenPercents(): GreenPercentAt[];
  /** Live share of green at the end. */
  presentGreenPercent(): number;
}

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
  const { otherWriter } = scenario;
  if (otherWriter !== undefined) {
    const { atSeconds, greenPercent } = otherWriter;
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

/** Restarts a process a virtual second after each crash. */
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

/** A write also took effect after a lost response or a crash on the response. */
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
