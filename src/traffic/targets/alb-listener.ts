import {
  type Action,
  DescribeListenersCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import type { Logger } from '../../core/logger.js';
import { notFound, type PossiblyMissing, requireFound } from '../../core/not-found.js';
import { nonEmptyString, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import { dependenciesOf } from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type {
  SetupChange,
  SetupProgress,
  TargetHealth,
  TargetSetup,
  TrafficTarget,
  TrafficWeights,
} from '../types.js';
import { namesGroup, requireSplittable, warnAboutUnchecked } from './added-groups.js';
import { type AlbSetupRules, albProgress, changedLists, readAlbSetup } from './alb-setup.js';
import { nearestForwardWeights } from './destinations.js';
import {
  type AlbSetupOptions,
  type AlbTargetOptions,
  albTargetEntries,
  elasticLoadBalancingOf,
  missingTargetGroup,
} from './elastic-load-balancing.js';
import { weightsOfActions, withWeights } from './forward-action.js';
import { LastReading } from './last-reading.js';
import { permissionsOfTarget } from './permissions.js';
import { readTargetGroup, summarizeHealth } from './target-group-health.js';
import {
  parseHealthOptions,
  parseReadOptions,
  parseSetupChange,
  parseSetupOptions,
  parseWeights,
  parseWriteOptions,
} from './target-options.js';

/** Options of {@link AlbListenerTarget}. */
export type AlbListenerTargetOptions = AlbTargetOptions & {
  /** ARN of the listener whose default action forwards to the stacks. */
  readonly listenerArn: string;
};

const subject = 'AlbListenerTarget options';
const optionsSchema = strictObject({ ...albTargetEntries, listenerArn: nonEmptyString });
const readAction = 'elasticloadbalancing:DescribeListeners';

/**
 * Target for the default action of a listener of an Application Load Balancer or a Network Load Balancer. Rules of the listener,
 * which match before it, stay unchanged.
 *
 * @remarks IAM: elasticloadbalancing:DescribeListeners, elasticloadbalancing:ModifyListener,
 * elasticloadbalancing:DescribeTargetHealth, elasticloadbalancing:DescribeTargetGroupAttributes
 * @example
 * ```ts
 * import { AlbListenerTarget, canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 *
 * const target = new AlbListenerTarget({
 *   listenerArn: process.env['LISTENER_ARN'] ?? '',
 *   blue: { targetGroupArn: process.env['BLUE_TARGET_GROUP_ARN'] ?? '' },
 *   green: { targetGroupArn: process.env['GREEN_TARGET_GROUP_ARN'] ?? '' },
 * });
 *
 * await new TrafficShifter({ target }).shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));
 * ```
 */
export class AlbListenerTarget implements TrafficTarget {
  /** `Default action of listener app/web/…` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions = permissionsOfTarget('AlbListenerTarget');
  readonly #listenerArn: string;
  readonly #targetGroups: StackPair<string>;
  readonly #setupOptions: AlbSetupOptions;
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #logger: Logger;
  readonly #lastRead: LastReading<readonly Action[]>;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when both stacks share a target group. */
  constructor(options: AlbListenerTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { listenerArn, blue, green } = parsed;
    requireDistinct(subject, 'targetGroupArn', [blue.targetGroupArn], [green.targetGroupArn]);
    this.#listenerArn = listenerArn;
    this.#targetGroups = { blue: blue.targetGroupArn, green: green.targetGroupArn };
    this.#setupOptions = { stickiness: parsed.stickiness, detach: parsed.detach };
    this.#client = elasticLoadBalancingOf(parsed);
    this.description = `Default action of listener ${listenerArn.split(':listener/').at(-1)}`;
    const { clock, logger } = dependenciesOf(parsed);
    this.#logger = logger;
    const read = (call: CallOptions) => this.#read(call);
    this.#lastRead = new LastReading({ resource: this.description, clock, logger, read });
  }

  /**
   * Reads the weights of the default action.
   *
   * @remarks IAM: elasticloadbalancing:DescribeListeners
   * @throws ResourceStateError when the action has other destinations than the pair, or does not forward; ResourceNotFoundError
   * when the listener does not exist; AccessDeniedError, OperationAbortedError
   */
  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (actions) => this.#weightsOf(actions));
  }

  /**
   * Changes the two weights in the default action. A target group that is missing in it is added. Returns when AWS has accepted
   * the change; the traffic follows within seconds.
   *
   * @remarks IAM: elasticloadbalancing:ModifyListener, elasticloadbalancing:DescribeListeners
   * @throws ResourceStateError as {@link readWeights}; ResourceNotFoundError, AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const to = parseWeights(weights);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(to, { signal }, async (actions) => {
      const from = this.#weightsOf(actions);
      await this.#modify(withWeights(actions, this.#targetGroups, to, this.#owner), { signal });
      warnAboutUnchecked(this.#logger, {
        resource: this.#listenerArn,
        targetGroups: this.#targetGroups,
        weights: to,
        wasNamed: (arn) => namesGroup(actions, arn),
      });
      return [from];
    });
  }

  /**
   * Returns the nearest weights that two whole numbers, each at most 999, can hold.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestForwardWeights(parseWeights(weights));
  }

  /**
   * Counts the targets of a stack that may receive traffic. AWS checks them while an action names their target group, also with
   * the weight 0. When no action names it yet, their health is unknown, and they count as healthy.
   *
   * @remarks IAM: elasticloadbalancing:DescribeTargetHealth; elasticloadbalancing:DescribeListeners and
   * elasticloadbalancing:DescribeTargetGroupAttributes for unused targets
   * @throws ResourceStateError when the default action does not name the target group yet and AWS would reject it, because
   * of target stickiness without group stickiness; ResourceNotFoundError when the target group or the listener does not exist;
   * AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const targetGroupArn = this.#targetGroups[parseStackReference(stack)];
    const { signal } = parseHealthOptions(options);
    let actions = this.#lastRead.peek();
    const targets = await readTargetGroup(this.#client, targetGroupArn, { signal });
    const health = await summarizeHealth(targets, async () => {
      actions ??= await this.#read({ signal });
      return namesGroup(actions, targetGroupArn);
    });
    if (actions !== undefined && !namesGroup(actions, targetGroupArn)) {
      const list = { resource: this.#listenerArn, actions };
      await requireSplittable(this.#client, [list], this.#targetGroups, { signal });
    }
    return health;
  }

  /**
   * Reads what a shift changes besides the weights: whether the default action names the incoming target group, and its group stickiness.
   * Returns undefined when nothing changes.
   *
   * @remarks IAM: elasticloadbalancing:DescribeListeners, elasticloadbalancing:DescribeTargetGroupAttributes
   * @throws ResourceStateError for group stickiness without the option `stickiness`, and when AWS would reject the change,
   * because of target stickiness without group stickiness; the errors of {@link readWeights}
   */
  async readSetup(incoming: StackReference, options: CallOptions = {}): Promise<TargetSetup | undefined> {
    const stack = parseStackReference(incoming);
    const { signal } = parseSetupOptions('readSetup options', options);
    const lists = this.#asList(this.#lastRead.peek() ?? (await this.#read({ signal })));
    return readAlbSetup(lists, stack, this.#setup, { signal });
  }

  /**
   * Adds the incoming target group with the weight 0 and switches group stickiness off (`prepare`), removes the outgoing one and
   * restores stickiness (`complete`), or undoes both (`restore`). Writes only a difference.
   *
   * @remarks IAM: elasticloadbalancing:DescribeListeners, elasticloadbalancing:ModifyListener
   * @throws ResourceStateError when the weights were changed meanwhile; the errors of {@link writeWeights}
   */
  async changeSetup(change: SetupChange, options: CallOptions = {}): Promise<SetupProgress> {
    const parsed = parseSetupChange(change);
    const { signal } = parseSetupOptions('changeSetup options', options);
    const lists = this.#asList(await this.#lastRead.take({ signal }));
    const changed = changedLists(lists, parsed, this.#setup);
    for (const { resource, actions } of changed) {
      await this.#modify(actions, { signal });
      this.#logger.info('Changed forward action', { resource, change: parsed.kind });
    }
    return albProgress(changed.length, parsed, this.#setup);
  }

  get #setup(): AlbSetupRules {
    return { client: this.#client, targetGroups: this.#targetGroups, readAction, ...this.#setupOptions };
  }

  #asList(actions: readonly Action[]) {
    return [{ resource: this.#listenerArn, actions }];
  }

  async #modify(actions: Action[], { signal }: CallOptions): Promise<void> {
    const command = new ModifyListenerCommand({ ListenerArn: this.#listenerArn, DefaultActions: actions });
    const call = { action: 'elasticloadbalancing:ModifyListener', resource: this.#listenerArn, signal };
    const groups = Object.values(this.#targetGroups).join(' or ');
    await requireFound([this.#missing, missingTargetGroup(groups)], () =>
      callAws(call, (http) => this.#client.send(command, http)),
    );
  }

  #weightsOf(actions: readonly Action[]): TrafficWeights {
    return weightsOfActions(actions, this.#targetGroups, this.#owner);
  }

  get #owner() {
    return { resource: this.#listenerArn, action: readAction };
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'ListenerNotFoundException',
      kind: 'Listener',
      resource: this.#listenerArn,
      remedy: 'Check listenerArn, and the Region and account of the client',
    };
  }

  async #read({ signal }: CallOptions): Promise<readonly Action[]> {
    const call = { action: readAction, resource: this.#listenerArn, signal };
    const command = new DescribeListenersCommand({ ListenerArns: [this.#listenerArn] });
    const { Listeners = [] } = await requireFound([this.#missing], () =>
      callAws(call, (http) => this.#client.send(command, http)),
    );
    const listener = Listeners.find(({ ListenerArn }) => ListenerArn === this.#listenerArn);
    if (listener === undefined) throw notFound(this.#missing);
    return requireField(listener.DefaultActions, 'DefaultActions', call);
  }
}
