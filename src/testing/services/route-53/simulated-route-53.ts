import {
  type ChangeResourceRecordSetsCommandInput,
  type ChangeResourceRecordSetsCommandOutput,
  type GetChangeCommandInput,
  type GetChangeCommandOutput,
  type GetHealthCheckCommandInput,
  type GetHealthCheckCommandOutput,
  type GetHealthCheckStatusCommandInput,
  type GetHealthCheckStatusCommandOutput,
  type HealthCheckConfig,
  type ListResourceRecordSetsCommandInput,
  type ListResourceRecordSetsCommandOutput,
  NoSuchChange,
  NoSuchHealthCheck,
  NoSuchHostedZone,
  type ResourceRecordSet,
  type RRType,
} from '@aws-sdk/client-route-53';
import {
  awsError,
  clientFault,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import { applyBatch, type ProtectedRecords } from './record-changes.js';
import { sortKey, storedName } from './record-names.js';

/** A hosted zone of the {@link SimulatedRoute53}. */
export interface SimulatedHostedZone {
  /** The ID, without `/hostedzone/`. */
  readonly id: string;
  /** The name, with a dot at the end. */
  readonly name: string;
  /** True for a private zone. */
  readonly isPrivate: boolean;
  /** The records as the API returns them, with changes that the servers do not have yet. */
  records: ResourceRecordSet[];
}

/** A health check of the {@link SimulatedRoute53}. */
export interface SimulatedHealthCheck {
  /** The ID. */
  readonly id: string;
  /** The configuration. */
  readonly config: HealthCheckConfig;
  /** The health checkers. */
  checkers: {
    /** The number of those that report a success. */
    readonly successes: number;
    /** The number of all. */
    readonly total: number;
  };
}

interface StoredZone extends SimulatedHostedZone {
  readonly protections: ProtectedRecords[];
}

interface StoredChange {
  readonly id: string;
  readonly zone: StoredZone;
  readonly submittedAt: number;
  readonly records: readonly ResourceRecordSet[];
}

const maxPage = 300;

/** Route 53 in memory: hosted zones, their records and health checks. The servers have a change some seconds after it was accepted. */
export class SimulatedRoute53 implements SimulatedService {
  readonly serviceId = 'Route 53';
  readonly iamPrefix = 'route53';
  readonly throttlingError = 'Throttling';
  /** Seconds from a change until all servers have it. */
  propagationSeconds = 15;
  /** @internal */
  readonly operations = {
    ListResourceRecordSets: (
      input: ListResourceRecordSetsCommandInput,
    ): OperationOutput<ListResourceRecordSetsCommandOutput> => this.#list(input),

    ChangeResourceRecordSets: (
      input: ChangeResourceRecordSetsCommandInput,
    ): OperationOutput<ChangeResourceRecordSetsCommandOutput> => {
      const zone = this.#zone(input.HostedZoneId);
      zone.records = applyBatch(zone.records, required(input.ChangeBatch?.Changes, 'Changes'), zone);
      const submittedAt = this.#environment.clock.now();
      const id = `C${this.#environment.nextId().replaceAll('-', '').slice(-12)}`;
      const change = { id, zone, submittedAt, records: structuredClone(zone.records) };
      this.#changes.push(change);
      return { ChangeInfo: this.#describe(change) };
    },

    GetChange: (input: GetChangeCommandInput): OperationOutput<GetChangeCommandOutput> => {
      const id = required(input.Id, 'Id').replace(/^\/?change\//, '');
      const change = this.#changes.find((it) => it.id === id);
      if (change === undefined) throw new NoSuchChange(clientFault(`There is no change ${id}`, 404));
      return { ChangeInfo: this.#describe(change) };
    },

    GetHealthCheck: (input: GetHealthCheckCommandInput): OperationOutput<GetHealthCheckCommandOutput> => {
      const { id, config } = this.#healthCheck(input.HealthCheckId);
      return {
        HealthCheck: { Id: id, CallerReference: id, HealthCheckConfig: config, HealthCheckVersion: 1 },
      };
    },

    GetHealthCheckStatus: (
      input: GetHealthCheckStatusCommandInput,
    ): OperationOutput<GetHealthCheckStatusCommandOutput> => {
      const { config, checkers } = this.#healthCheck(input.HealthCheckId);
      if (!config.Disabled && /^(CALCULATED|CLOUDWATCH_METRIC|RECOVERY_CONTROL)$/.test(`${config.Type}`))
        throw awsError('InvalidInput', `A health check of the type ${config.Type} has no health checkers`);
      const status = (isSuccess: boolean) =>
        isSuccess ? 'Success: HTTP Status Code 200, OK' : 'Failure: Connection timed out';
      return {
        HealthCheckObservations: Array.from({ length: checkers.total }, (_, index) => ({
          IPAddress: `192.0.2.${index + 1}`,
          StatusReport: { Status: status(index < checkers.successes) },
        })),
      };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #zones: StoredZone[] = [];
  readonly #changes: StoredChange[] = [];
  readonly #healthChecks: SimulatedHealthCheck[] = [];

  /** @internal */
  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Creates a hosted zone with records, which the servers have already. */
  addHostedZone(options: {
    readonly name: string;
    /** @default false */
    readonly isPrivate?: boolean;
    /** @default none */
    readonly records?: readonly ResourceRecordSet[];
  }): SimulatedHostedZone {
    requireOptions('SimulatedRoute53.addHostedZone', options, {
      name: 'text',
      isPrivate: 'optional',
      records: 'optional',
    });
    const { name, isPrivate = false, records = [] } = options;
    const id = `Z${this.#environment.nextId().replaceAll('-', '').slice(-12)}`;
    const zone: StoredZone = { id, name: storedName(name), isPrivate, records: [], protections: [] };
    const changes = records.map((it) => ({ Action: 'CREATE' as const, ResourceRecordSet: it }));
    zone.records = applyBatch([], changes, zone);
    this.#zones.push(zone);
    this.#changes.push({
      id: `${id}-created`,
      zone,
      submittedAt: Number.NEGATIVE_INFINITY,
      records: structuredClone(zone.records),
    });
    return zone;
  }

  /** Creates a health check. All its health checkers report a success. */
  addHealthCheck(config: Partial<HealthCheckConfig> = {}): SimulatedHealthCheck {
    const check: SimulatedHealthCheck = {
      id: this.#environment.nextId(),
      config: { Type: 'HTTPS', ...config },
      checkers: { successes: 15, total: 15 },
    };
    this.#healthChecks.push(check);
    return check;
  }

  /** Protects the records of a name and a type: every change of them is refused. */
  protect(hostedZoneId: string, name: string, type: RRType): void {
    this.#zone(hostedZoneId).protections.push({ name: storedName(name), type });
  }

  /** The share of each record in the answers of the servers, in percent, by set identifier. Resolvers may keep older answers. */
  liveSplit(hostedZoneId: string, name: string, type: RRType): Readonly<Record<string, number>> {
    const zone = this.#zone(hostedZoneId);
    const current = this.#changes.findLast((it) => it.zone === zone && this.#isInSync(it));
    const group = (current?.records ?? []).filter((it) => it.Name === storedName(name) && it.Type === type);
    const total = group.reduce((sum, { Weight = 0 }) => sum + Weight, 0);
    // When all weights are 0, each record is answered equally often.
    const shareOf = (weight: number) => (total === 0 ? 100 / group.length : (weight / total) * 100);
    return Object.fromEntries(
      group.map(({ SetIdentifier = '', Weight = 0 }) => [SetIdentifier, shareOf(Weight)]),
    );
  }

  #list(input: ListResourceRecordSetsCommandInput): OperationOutput<ListResourceRecordSetsCommandOutput> {
    const { StartRecordName, StartRecordType = '', StartRecordIdentifier = '' } = input;
    const size = input.MaxItems ?? maxPage;
    if (!(size >= 1)) throw awsError('InvalidInput', 'MaxItems is at least 1');
    const keyOf = ({ Name, Type, SetIdentifier = '' }: ResourceRecordSet) =>
      [sortKey(`${Name}`), `${Type}`, SetIdentifier] as const;
    const sorted = this.#zone(input.HostedZoneId).records.toSorted((one, other) =>
      compare(keyOf(one), keyOf(other)),
    );
    const start =
      StartRecordName === undefined
        ? undefined
        : ([sortKey(StartRecordName), StartRecordType, StartRecordIdentifier] as const);
    const rest = start === undefined ? sorted : sorted.filter((it) => compare(keyOf(it), start) >= 0);
    const count = Math.min(size, maxPage);
    const next = rest[count];
    return {
      ResourceRecordSets: rest.slice(0, count),
      IsTruncated: next !== undefined,
      MaxItems: count,
      ...(next && {
        NextRecordName: next.Name,
        NextRecordType: next.Type,
        ...(next.SetIdentifier !== undefined && { NextRecordIdentifier: next.SetIdentifier }),
      }),
    };
  }

  #describe(change: StoredChange) {
    return {
      Id: `/change/${change.id}`,
      Status: this.#isInSync(change) ? ('INSYNC' as const) : ('PENDING' as const),
      SubmittedAt: new Date(change.submittedAt),
    };
  }

  #isInSync({ submittedAt }: StoredChange): boolean {
    return this.#environment.clock.now() >= submittedAt + this.propagationSeconds * 1000;
  }

  #zone(hostedZoneId: string | undefined): StoredZone {
    const id = required(hostedZoneId, 'HostedZoneId').replace(/^\/?hostedzone\//, '');
    const zone = this.#zones.find((it) => it.id === id);
    if (zone === undefined)
      throw new NoSuchHostedZone(clientFault(`No hosted zone found with ID: ${id}`, 404));
    return zone;
  }

  #healthCheck(healthCheckId: string | undefined): SimulatedHealthCheck {
    const check = this.#healthChecks.find(({ id }) => id === healthCheckId);
    if (check === undefined)
      throw new NoSuchHealthCheck(clientFault(`A health check with id ${healthCheckId} does not exist`, 404));
    return check;
  }
}

function compare(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((part, at) => part !== other[at]);
  if (index < 0) return 0;
  return (one[index] ?? '') < (other[index] ?? '') ? -1 : 1;
}
