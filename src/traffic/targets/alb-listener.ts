import {
  type Action,
  DescribeListenersCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import * as v from 'valibot';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { type Clock, systemClock } from '../../core/clock.js';
import { ResourceNotFoundError } from '../../core/errors.js';
import { type Logger, silentLogger } from '../../core/logger.js';
import { safeLogger } from '../../core/safe-logger.js';
import { nonEmptyString } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import { stopwatch } from '../../core/stopwatch.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import type { TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { describeWeights } from '../weights.js';
import { nearestForwardWeights } from './destinations.js';
import { type AlbTargetClients, type AlbTargetOptions, albStacks } from './elastic-load-balancing.js';
import { weightsOfActions, withWeights } from './forward-action.js';
import { LastReading } from './last-reading.js';
import { readTargetGroupHealth } from './target-group-health.js';

/** How an {@link AlbListenerTarget} is made. */
export type AlbListenerTargetOptions = AlbTargetOptions & {
  /** The ARN of the listener whose default action forwards to the stacks. */
  readonly listenerArn: string;
};

const optionsSchema = v.object({ ...albStacks, listenerArn: nonEmptyString });
const readAction = 'elasticloadbalancing:DescribeListeners';

/**
 * The default action of a listener, of an Application Load Balancer or a Network Load Balancer. Rules of the listener that
 * match before it are not touched.
 *
 * @remarks IAM: elasticloadbalancing:DescribeListeners, elasticloadbalancing:ModifyListener,
 * elasticloadbalancing:DescribeTargetHealth
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
  /** Which one it is, for people. */
  readonly description: string;
  readonly #listenerArn: string;
  readonly #targetGroups: StackPair<string>;
  readonly #client: ElasticLoadBalancingV2Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #lastRead: LastReading<readonly Action[]>;

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks share a target group. */
  constructor(options: AlbListenerTargetOptions) {
    const { listenerArn, blue, green } = parseInput('AlbListenerTarget options', optionsSchema, options);
    requireDistinct(
      'AlbListenerTarget options',
      'targetGroupArn',
      [blue.targetGroupArn],
      [green.targetGroupArn],
    );
    this.#listenerArn = listenerArn;
    this.#targetGroups = { blue: blue.targetGroupArn, green: green.targetGroupArn };
    this.#client = resolveClients<AlbTargetClients>(options, {
      elasticLoadBalancing: ElasticLoadBalancingV2Client,
    }).elasticLoadBalancing;
    this.#logger = safeLogger(options.logger ?? silentLogger);
    this.#clock = options.clock ?? systemClock;
    this.#lastRead = new LastReading(this.#clock);
    this.description = `Default action of listener ${listenerArn.split(':listener/').at(-1)}`;
  }

  /**
   * The weights of the default action.
   *
   * @remarks IAM: elasticloadbalancing:DescribeListeners
   * @throws ResourceStateError when it has other destinations than the pair, or does not forward; ResourceNotFoundError,
   * AccessDeniedError, OperationAbortedError
   */
  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    this.#lastRead.forget();
    const actions = await this.#read(options);
    const weights = weightsOfActions(actions, this.#targetGroups, this.#owner);
    this.#lastRead.keep(actions);
    return weights;
  }

  /**
   * Changes the two weights in the default action; a target group that it does not have yet is added.
   *
   * @remarks IAM: elasticloadbalancing:ModifyListener, elasticloadbalancing:DescribeListeners
   * @throws ResourceStateError as {@link readWeights}; AccessDeniedError, OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const elapsed = stopwatch(this.#clock);
    const actions = this.#lastRead.take() ?? (await this.#read(options));
    const from = weightsOfActions(actions, this.#targetGroups, this.#owner);
    const command = new ModifyListenerCommand({
      ListenerArn: this.#listenerArn,
      DefaultActions: withWeights(actions, this.#targetGroups, weights, this.#owner),
    });
    await callAws(
      {
        action: 'elasticloadbalancing:ModifyListener',
        resource: this.#listenerArn,
        signal: options.signal,
      },
      (http) => this.#client.send(command, http),
    );
    this.#logger.info('Changed traffic weights', {
      resource: this.description,
      from: describeWeights(from),
      to: describeWeights(weights),
      durationMs: elapsed(),
    });
  }

  /** The weights as two whole numbers, each at most 999, can hold them. */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestForwardWeights(weights);
  }

  /**
   * The targets of a stack. Those of a group that is not in use yet are not checked by the load balancer, and count as
   * healthy.
   *
   * @remarks IAM: elasticloadbalancing:DescribeTargetHealth
   * @throws AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    return readTargetGroupHealth(this.#client, this.#targetGroups[parseStackReference(stack)], options);
  }

  get #owner() {
    return { resource: this.#listenerArn, action: readAction };
  }

  async #read({ signal }: CallOptions): Promise<readonly Action[]> {
    const call = { action: readAction, resource: this.#listenerArn, signal };
    const command = new DescribeListenersCommand({ ListenerArns: [this.#listenerArn] });
    const { Listeners = [] } = await callAws(call, (http) => this.#client.send(command, http));
    const listener = Listeners.find(({ ListenerArn }) => ListenerArn === this.#listenerArn);
    if (listener === undefined) {
      throw new ResourceNotFoundError('The listener does not exist', { resource: this.#listenerArn });
    }
    return requireField(listener.DefaultActions, 'DefaultActions', call);
  }
}
