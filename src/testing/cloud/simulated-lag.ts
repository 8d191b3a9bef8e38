import * as v from 'valibot';
import { functionOf, nonEmptyString, secondsFrom, strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { SimulatedCloudWatch } from '../services/cloudwatch/simulated-cloudwatch.js';
import type { SimulatedRds } from '../services/rds/simulated-rds.js';
import type { VirtualClock } from './virtual-clock.js';

/** Seconds between two measurements. */
const periodSeconds = 60;

/** Lag that CloudWatch gets once a minute. */
export interface SimulatedLagOptions {
  /** Lag in seconds. A function returns that of the present minute, and undefined for a minute without a measurement. */
  readonly seconds: number | (() => number | undefined);
  /**
   * Virtual seconds until CloudWatch shows a measurement. AWS takes one to several minutes.
   * @default 60
   */
  readonly metricDelaySeconds?: number;
}

/** Lag of an Aurora cluster. */
export interface SimulatedReplicaLagOptions extends SimulatedLagOptions {
  /** Name of the cluster. It may be created later. */
  readonly cluster: string;
  /**
   * Lag of each reader (`AuroraReplicaLag`), or of the writer behind a binary log source (`AuroraBinlogReplicaLag`).
   * @default 'readers'
   */
  readonly source?: 'readers' | 'binlog';
}

/** Age of the records that a function reads from its streams. */
export interface SimulatedIteratorAgeOptions extends SimulatedLagOptions {
  /** Name of the function. */
  readonly functionName: string;
  /**
   * Alias through which the function is invoked.
   * @default the function itself
   */
  readonly alias?: string;
}

interface Measurement {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

const lagEntries = {
  seconds: v.union([v.number(), functionOf<() => number | undefined>()]),
  metricDelaySeconds: v.optional(secondsFrom(0), 60),
};
const replicaLagSchema = strictObject({
  ...lagEntries,
  cluster: nonEmptyString,
  source: v.optional(v.picklist(['readers', 'binlog']), 'readers'),
});
const iteratorAgeSchema = strictObject({
  ...lagEntries,
  functionName: nonEmptyString,
  alias: v.optional(nonEmptyString),
});

interface LagDependencies {
  readonly clock: VirtualClock;
  readonly cloudWatch: SimulatedCloudWatch;
}

/** A lag of the {@link SimulatedCloud}, which CloudWatch gets at once and then every minute. */
export class SimulatedLag {
  readonly #cancel: () => void;

  /** @internal */
  constructor(
    { clock, cloudWatch }: LagDependencies,
    metricDelaySeconds: number,
    measure: () => readonly Measurement[],
  ) {
    const report = () => {
      const at = new Date(clock.now());
      const visibleAt = new Date(clock.now() + metricDelaySeconds * 1000);
      for (const measurement of measure()) cloudWatch.addDataPoint({ ...measurement, at, visibleAt });
    };
    report();
    this.#cancel = clock.every(periodSeconds, report);
  }

  /** Ends the measurements. */
  stop(): void {
    this.#cancel();
  }
}

/** Measures the available instances of a cluster, also those that are added later. */
export function replicaLagOf(
  { rds, ...dependencies }: LagDependencies & { readonly rds: SimulatedRds },
  options: SimulatedReplicaLagOptions,
): SimulatedLag {
  const { cluster, source, metricDelaySeconds, ...lag } = parseInput(
    'addReplicaLag options',
    replicaLagSchema,
    options,
  );
  const isBinlog = source === 'binlog';
  return new SimulatedLag(dependencies, metricDelaySeconds, () => {
    const seconds = secondsOf(lag);
    if (seconds === undefined || !rds.hasCluster(cluster)) return [];
    const measured = rds
      .instances(cluster)
      .filter(({ isWriter, status }) => isWriter === isBinlog && status === 'available');
    return measured.map(({ identifier }) => ({
      namespace: 'AWS/RDS',
      metricName: isBinlog ? 'AuroraBinlogReplicaLag' : 'AuroraReplicaLag',
      dimensions: { DBInstanceIdentifier: identifier },
      value: isBinlog ? seconds : seconds * 1000,
    }));
  });
}

/** Measures the age of the records of a function. */
export function iteratorAgeOf(
  dependencies: LagDependencies,
  options: SimulatedIteratorAgeOptions,
): SimulatedLag {
  const { functionName, alias, metricDelaySeconds, ...lag } = parseInput(
    'addIteratorAge options',
    iteratorAgeSchema,
    options,
  );
  const dimensions = {
    FunctionName: functionName,
    ...(alias !== undefined && { Resource: `${functionName}:${alias}` }),
  };
  return new SimulatedLag(dependencies, metricDelaySeconds, () => {
    const seconds = secondsOf(lag);
    if (seconds === undefined) return [];
    return [{ namespace: 'AWS/Lambda', metricName: 'IteratorAge', dimensions, value: seconds * 1000 }];
  });
}

function secondsOf({ seconds }: Pick<SimulatedLagOptions, 'seconds'>): number | undefined {
  return typeof seconds === 'function' ? seconds() : seconds;
}
