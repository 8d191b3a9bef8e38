import { SimulatedCloud } from '../../../src/testing/index.js';
import type { OverlapSchedule } from './schedule.js';

/** The part of a template that changes. */
export interface Wanted {
  /** The share of green, in percent. */
  readonly green: number;
  readonly priority: number;
}

/** A request that was sent. */
export interface SentRequest {
  readonly index: number;
  readonly type: 'Create' | 'Update' | 'Delete';
  /** True for the rollback of the update before. */
  readonly isRollback: boolean;
  readonly wanted: Wanted;
  readonly madeAt: number;
  readonly responses: { readonly at: number; readonly status: string }[];
  /** Ends of the deliveries by Lambda. */
  readonly ends: string[];
  /** Invocations so far. */
  runs: number;
  /** Called when a response arrives. */
  onResponse: () => void;
}

/** A write that has taken effect. */
export interface LandedWrite {
  readonly request: number;
  readonly run: string;
  readonly action: string;
  readonly at: number;
  /** The share of green afterwards; undefined when the write did not change it. */
  readonly green: number | undefined;
}

/** Responses that reads would get at a time. */
interface Snapshot {
  readonly at: number;
  readonly answers: ReadonlyMap<string, unknown>;
}

/** A load balancer, and the history of its rule. */
export class OverlapWorld {
  readonly cloud = new SimulatedCloud();
  readonly requests: SentRequest[] = [];
  readonly writes: LandedWrite[] = [];
  /** Errors that were thrown outside of a request. */
  readonly astray: unknown[] = [];
  readonly listenerArn: string;
  readonly #targetGroups: { readonly blue: string; readonly green: string };
  readonly #schedule: OverlapSchedule;
  readonly #snapshots: Snapshot[] = [];

  constructor(schedule: OverlapSchedule) {
    this.#schedule = schedule;
    const { elasticLoadBalancing } = this.cloud;
    const [blue, green] = (['blue', 'green'] as const).map(
      (name) => elasticLoadBalancing.addTargetGroup({ name, targets: ['10.0.0.1'] }).arn,
    );
    this.#targetGroups = { blue: blue ?? '', green: green ?? '' };
    this.listenerArn = elasticLoadBalancing.addListener({
      loadBalancerArn: elasticLoadBalancing.addLoadBalancer({ name: 'web' }).arn,
      defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }).arn;
    this.takeSnapshot();
  }

  /** The live settings of the rule; undefined without a rule. */
  get live(): Wanted | undefined {
    const { elasticLoadBalancing } = this.cloud;
    const [rule] = elasticLoadBalancing.rulesOf(this.listenerArn);
    if (rule === undefined) return undefined;
    const green = elasticLoadBalancing.weightsInForce(rule.arn)[this.#targetGroups.green] ?? 0;
    return { green, priority: rule.priority };
  }

  /** The properties of a template. */
  template({ green, priority }: Wanted): Record<string, unknown> {
    const { stepWeight, stepSeconds } = this.#schedule;
    const { blue: blueArn, green: greenArn } = this.#targetGroups;
    return {
      ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:managed-rule',
      ListenerArn: this.listenerArn,
      Priority: priority,
      Hosts: ['example.com'],
      StepWeight: stepWeight,
      StepInterval: `${stepSeconds}s`,
      Destinations: [
        { TargetGroupArn: blueArn, Weight: 100 - green },
        { TargetGroupArn: greenArn, Weight: green },
      ],
    };
  }

  /** Stores the current responses for stale reads. */
  takeSnapshot(): void {
    const { elasticLoadBalancing, clock } = this.cloud;
    const { DescribeRules, DescribeTags } = elasticLoadBalancing.operations;
    const rules = elasticLoadBalancing.rulesOf(this.listenerArn).map(({ arn }) => arn);
    const answers = new Map<string, unknown>([
      [keyOf('DescribeRules', this.listenerArn), DescribeRules({ ListenerArn: this.listenerArn })],
      ...rules.map((arn) => [keyOf('DescribeRules', arn), DescribeRules({ RuleArns: [arn] })] as const),
      ...rules.map((arn) => [keyOf('DescribeTags', arn), DescribeTags({ ResourceArns: [arn] })] as const),
    ]);
    this.#snapshots.push({ at: clock.now(), answers: structuredClone(answers) });
  }

  /** Returns the response that a read would have got earlier; undefined when there was none. */
  staleAnswer(action: string, input: Readonly<Record<string, unknown>>, age: number): unknown {
    const at = this.cloud.clock.now() - age;
    const snapshot = this.#snapshots.findLast((it) => it.at <= at);
    const arns = (input['ResourceArns'] ?? input['RuleArns'] ?? [input['ListenerArn']]) as readonly unknown[];
    return structuredClone(snapshot?.answers.get(keyOf(action, String(arns[0]))));
  }
}

function keyOf(action: string, arn: string): string {
  return `${action} ${arn}`;
}
