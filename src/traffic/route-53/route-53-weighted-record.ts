import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsResponse,
  type ResourceRecordSet,
  Route53Client,
  type RRType,
} from '@aws-sdk/client-route-53';
import * as v from 'valibot';
import { type CallOptions, callAws, isAwsError, requireField } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/describe-error.js';
import { ResourceStateError } from '../../core/errors.js';
import { classifyFailure } from '../../core/failures.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import type { Permission } from '../../core/permissions.js';
import { pollUntil } from '../../core/poll-until.js';
import { nonEmptyString, secondsFrom, stackPair, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import { LastReading } from '../targets/last-reading.js';
import {
  parseHealthOptions,
  parseReadOptions,
  parseWeights,
  parseWriteOptions,
} from '../targets/target-options.js';
import type { ReadWeightsOptions, TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { describeWeights, nearestRatioWeights, toRatio } from '../weights.js';
import { route53Permissions } from './permissions.js';
import { readRecordHealth } from './record-health.js';
import { canonicalName } from './record-names.js';
import {
  arePairsEqual,
  guardedChanges,
  pairIn,
  type RecordPair,
  ttlOf,
  weightsOfPair,
  withWeights,
} from './record-pair.js';

/** Weighted record of a stack. */
export interface Route53StackOptions {
  /** Set identifier of the record, which distinguishes it from the other records of the name. */
  readonly setIdentifier: string;
}

/** Clients of {@link Route53WeightedRecordTarget}. */
export interface Route53TargetClients {
  /** Amazon Route 53. */
  readonly route53: Route53Client;
}

/** Options of {@link Route53WeightedRecordTarget}. */
export type Route53WeightedRecordTargetOptions = ToolOptions<Route53StackOptions, Route53TargetClients> & {
  /** ID of the public or private hosted zone, such as `Z0123456789ABCDEFGHIJ`. */
  readonly hostedZoneId: string;
  /** Full name of the records, such as `api.example.com`. Case, a dot at the end and the form of escapes do not matter. */
  readonly recordName: string;
  /**
   * Type of the records.
   * @default 'A'
   */
  readonly recordType?: RRType | undefined;
  /**
   * Seconds until clients follow new weights: resolvers keep the old answer for up to the TTL. A shift holds each step for these
   * seconds longer.
   * @default the TTL of the records and 60 seconds; 120 for alias records, whose TTL is 60 for a load balancer
   */
  readonly propagationSeconds?: number | undefined;
};

/** Maximum weight of a record. */
const maxWeight = 255;

/** Route 53 usually has a change on all its servers within 60 seconds. */
const changeWait = { maxWaitSeconds: 600, intervalSeconds: 10, initialDelaySeconds: 10 };

/** Seconds beyond the TTL: some resolvers keep an answer a little longer. */
const resolverSeconds = 60;

/** TTL that is assumed before the records were read. */
const assumedTtlSeconds = 300;

/** Number of records on a page: Route 53 allows 100 in a weighted group. */
const pageSize = 100;

/** A week: the greatest TTL that resolvers respect. */
const maxPropagationSeconds = 604_800;

const subject = 'Route53WeightedRecordTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(strictObject({ setIdentifier: nonEmptyString })),
  hostedZoneId: nonEmptyString,
  recordName: nonEmptyString,
  recordType: v.optional(
    v.pipe(
      v.string(),
      v.check((value) => /^[A-Z]+$/.test(value), "a record type, such as 'A'"),
    ),
    'A',
  ),
  propagationSeconds: v.optional(secondsFrom(0, maxPropagationSeconds)),
});

/**
 * Target for a DNS name in Amazon Route 53: two weighted records of one name and type, in a public or a private hosted zone.
 *
 * Each write deletes both records with exactly the values that were read, and creates them with other weights, in one batch. So
 * Route 53 itself refuses it when a record was changed meanwhile, and applies all of it or nothing. Values, TTL, health checks and
 * alias targets stay. The write waits until Route 53 has the change on all its servers (`INSYNC`).
 *
 * Resolvers keep the previous answer for up to the TTL of the records, and a client can keep its connection for longer. A shift
 * therefore holds each step for the propagation time longer, and a rollback ends only after it.
 *
 * @remarks IAM: route53:ListResourceRecordSets, route53:ChangeResourceRecordSets, route53:GetChange; for records with a health
 * check route53:GetHealthCheck, route53:GetHealthCheckStatus
 * @example
 * ```ts
 * import { canary, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { Route53WeightedRecordTarget } from 'aws-blue-green-toolkit/traffic/route-53';
 *
 * const shifter = new TrafficShifter({
 *   target: new Route53WeightedRecordTarget({
 *     hostedZoneId: 'Z0123456789ABCDEFGHIJ',
 *     recordName: 'api.example.com',
 *     blue: { setIdentifier: 'blue' },
 *     green: { setIdentifier: 'green' },
 *   }),
 * });
 *
 * const { outcome } = await shifter.shiftTo('green', canary({ percent: 10, holdSeconds: 300 }));
 * ```
 *
 * @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export class Route53WeightedRecordTarget implements TrafficTarget {
  /** `Route 53 record api.example.com. A` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions: readonly Permission[] = Object.values(route53Permissions).flat();
  readonly #setIdentifiers: StackPair<string>;
  readonly #hostedZoneId: string;
  readonly #name: string;
  readonly #type: RRType;
  readonly #propagationSeconds: number | undefined;
  readonly #client: Route53Client;
  readonly #clock: Clock;
  /** Last reading, which the next write changes. */
  readonly #lastRead: LastReading<RecordPair>;
  #ttlSeconds = assumedTtlSeconds;

  /** @throws InvalidInputError when an option is missing, unknown or malformed, or when both stacks are the same record. */
  constructor(options: Route53WeightedRecordTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { blue, green, hostedZoneId, recordName, recordType, propagationSeconds } = parsed;
    requireDistinct(subject, 'setIdentifier', [blue.setIdentifier], [green.setIdentifier]);
    this.#setIdentifiers = { blue: blue.setIdentifier, green: green.setIdentifier };
    this.#hostedZoneId = hostedZoneId.replace(/^\/?hostedzone\//, '');
    this.#name = canonicalName(recordName);
    this.#type = recordType as RRType;
    this.#propagationSeconds = propagationSeconds;
    this.description = `Route 53 record ${this.#name} ${recordType}`;
    this.#client = resolveClients<Route53TargetClients>(clientOptionsOf(parsed), {
      route53: Route53Client,
    }).route53;
    const { clock, logger } = dependenciesOf(parsed);
    this.#clock = clock;
    this.#lastRead = new LastReading({
      resource: this.description,
      clock,
      logger,
      read: (call) => this.#read(call),
    });
  }

  /**
   * Reads the weights of the two records. Route 53 shows a change at once, before its servers answer with it.
   *
   * @remarks IAM: route53:ListResourceRecordSets
   * @throws ResourceStateError when a record is missing, when the name has other records of the type, when the records are not
   * weighted, or when both weights are 0; ResourceNotFoundError when the hosted zone does not exist; AccessDeniedError
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (pair) => weightsOfPair(pair, this.description));
  }

  /**
   * Changes the two weights in one batch, and waits until all servers of Route 53 have it, for 10 minutes at most. Resolvers
   * follow within the TTL of the records.
   *
   * @remarks IAM: route53:ChangeResourceRecordSets, route53:GetChange; route53:ListResourceRecordSets when nothing was read
   * before, or when Route 53 refuses the change
   * @throws ResourceStateError when the records were changed since they were read, or when Route 53 refuses the change, as it does
   * for a protected record; WaitTimeoutError when the servers do not have it in time; ResourceNotFoundError, AccessDeniedError,
   * OperationAbortedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const numbers = toRatio(parseWeights(weights), maxWeight);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(this.nearestWeights(weights), { signal }, async (pair) => {
      const from = weightsOfPair(pair, this.description);
      // Weights that seem live already are written too, because the reading may be stale. Route 53 then refuses the change.
      const change = await this.#changeOnce(pair, numbers, { signal });
      await this.#waitForServers(change, { signal });
      return [from];
    });
  }

  /**
   * Returns the nearest weights that two whole numbers, each at most 255, can hold. A share above zero is at least 0.39 %.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return nearestRatioWeights(parseWeights(weights), maxWeight);
  }

  /**
   * Returns the seconds until clients follow new weights: the option, or the TTL of the records that were read last and 60
   * seconds.
   */
  propagationSeconds(): number {
    return this.#propagationSeconds ?? Math.min(this.#ttlSeconds + resolverSeconds, maxPropagationSeconds);
  }

  /**
   * Returns 1 of 1 when Route 53 considers the record healthy. A record without a health check counts as healthy. So does one
   * whose health check combines others, or follows an alarm or a routing control: Route 53 does not return the status of those.
   * The health of an alias target is not returned either.
   *
   * @remarks IAM: route53:ListResourceRecordSets; with a health check route53:GetHealthCheck, route53:GetHealthCheckStatus
   * @throws ResourceStateError when the records are not those of the two stacks; ResourceNotFoundError when the hosted zone or the
   * health check does not exist; AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const reference = parseStackReference(stack);
    const { signal } = parseHealthOptions(options);
    const pair = this.#lastRead.peek() ?? (await this.#read({ signal }));
    return readRecordHealth(this.#client, pair[reference], { signal });
  }

  async #read(options: CallOptions): Promise<RecordPair> {
    const pair = pairIn(await this.#listRecords(options), this.#setIdentifiers, this.description);
    this.#ttlSeconds = ttlOf(pair);
    return pair;
  }

  /** Returns all records of the name and type. A list starts at them, and continues with those that follow in the zone. */
  async #listRecords({ signal }: CallOptions): Promise<ResourceRecordSet[]> {
    const call = { action: 'route53:ListResourceRecordSets', resource: this.description, signal };
    const found: ResourceRecordSet[] = [];
    let start: Partial<ListResourceRecordSetsResponse> = {
      NextRecordName: this.#name,
      NextRecordType: this.#type,
    };
    for (;;) {
      const command = new ListResourceRecordSetsCommand({
        HostedZoneId: this.#hostedZoneId,
        StartRecordName: start.NextRecordName,
        StartRecordType: start.NextRecordType,
        StartRecordIdentifier: start.NextRecordIdentifier,
        MaxItems: pageSize,
      });
      const page = await requireFound([this.#missing], () =>
        callAws(call, (http) => this.#client.send(command, http)),
      );
      const records = requireField(page.ResourceRecordSets, 'ResourceRecordSets', call);
      found.push(...records.filter((it) => this.#isOwn(it.Name, it.Type)));
      if (page.IsTruncated !== true || !this.#isOwn(page.NextRecordName, page.NextRecordType)) return found;
      start = page;
    }
  }

  #isOwn(name: string | undefined, type: string | undefined): boolean {
    return name !== undefined && canonicalName(name) === this.#name && type === this.#type;
  }

  /**
   * Makes the change and returns its ID. A refused change may have taken effect: after a lost response, Route 53 refuses the SDK's
   * retry, because the records that it would delete are gone. The change is then made again for its ID, which changes nothing.
   */
  async #changeOnce(pair: RecordPair, numbers: TrafficWeights, options: CallOptions): Promise<string> {
    try {
      return await this.#change(pair, numbers, options);
    } catch (error) {
      // The SDK has no name for a response in the older format.
      if (!isAwsError(error, 'InvalidChangeBatch', 'Unknown')) throw error;
      const live = await this.#read(options);
      const hasTakenEffect = arePairsEqual(live, withWeights(pair, numbers)) && !arePairsEqual(live, pair);
      if (!hasTakenEffect) throw this.#refused(error, pair, live);
      return await this.#change(live, numbers, options);
    }
  }

  async #change(pair: RecordPair, numbers: TrafficWeights, { signal }: CallOptions): Promise<string> {
    const call = { action: 'route53:ChangeResourceRecordSets', resource: this.description, signal };
    const command = new ChangeResourceRecordSetsCommand({
      HostedZoneId: this.#hostedZoneId,
      ChangeBatch: { Changes: guardedChanges(pair, numbers) },
    });
    const { ChangeInfo } = await requireFound([this.#missing], () =>
      callAws(call, (http) => this.#client.send(command, http)),
    );
    return requireField(ChangeInfo?.Id, 'ChangeInfo.Id', call);
  }

  #refused(cause: Error, before: RecordPair, live: RecordPair): ResourceStateError {
    const from = describeWeights(weightsOfPair(before, this.description));
    if (arePairsEqual(before, live) && classifyFailure(cause) === 'final') {
      return new ResourceStateError('Route 53 refused the change of the weights', {
        resource: this.description,
        expected: 'records that can be changed',
        actual: messageOf(cause),
        remedy: 'Remove the cause that Route 53 names, such as a protection of the records',
        cause,
      });
    }
    return new ResourceStateError('The records were changed after they were read', {
      resource: this.description,
      expected: `${from}, as they were read before the write`,
      actual: arePairsEqual(before, live)
        ? 'other values, which the reading does not show'
        : describeWeights(weightsOfPair(live, this.description)),
      remedy:
        'Find out whether another program changes the records, then read the weights again. Records with a feature that is newer than this version of the SDK need an update',
      cause,
    });
  }

  async #waitForServers(id: string, { signal }: CallOptions): Promise<void> {
    const call = { action: 'route53:GetChange', resource: this.description, signal };
    const command = new GetChangeCommand({ Id: id });
    await pollUntil({
      ...changeWait,
      resource: this.description,
      expected: `change ${id} INSYNC`,
      clock: this.#clock,
      signal,
      observe: () => callAws(call, (http) => this.#client.send(command, http)),
      isDone: ({ ChangeInfo }) => requireField(ChangeInfo?.Status, 'ChangeInfo.Status', call) === 'INSYNC',
      describe: ({ ChangeInfo }) => `${ChangeInfo?.Status}`,
      remedy: 'Call again: the change is made again, and the wait continues',
    });
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'NoSuchHostedZone',
      kind: 'Route 53 hosted zone',
      resource: this.#hostedZoneId,
      remedy: 'Check hostedZoneId, and the account and partition of the client',
    };
  }
}
