import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';

/** Billed quantities of one run. */
export interface Costs {
  /** Duration of the run. */
  readonly seconds: number;
  readonly invocations: number;
  /** Total duration of the invocations. */
  readonly lambdaSeconds: number;
  readonly transitions: number;
  readonly durableOperations: number;
  /** Metrics that `GetMetricData` was asked for. */
  readonly metrics: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  /** Calls of other services, such as Elastic Load Balancing, ECS and CodeDeploy. */
  readonly otherCalls: number;
}

/** Bytes of one unit of DynamoDB's on-demand capacity. */
const bytesOfReadUnit = 4096;
const bytesOfWriteUnit = 1024;

interface Call {
  readonly action: string;
  readonly input: unknown;
}

/** Counts the billed quantities of a run on a simulated cloud. */
export class CostMeter {
  readonly #cloud: SimulatedCloud;
  readonly #startedAt: number;
  readonly #callsBefore: number;
  #invocations = 0;
  #lambdaMilliseconds = 0;
  #transitions = 0;

  constructor(cloud: SimulatedCloud) {
    this.#cloud = cloud;
    this.#startedAt = cloud.clock.now();
    this.#callsBefore = cloud.calls.length;
  }

  /** Counts the invocations of a function, and their durations. */
  metered<Args extends readonly unknown[], Result>(
    handler: (...args: Args) => Result | Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    return async (...args) => {
      const startedAt = this.#cloud.clock.now();
      this.#invocations += 1;
      try {
        return await handler(...args);
      } finally {
        this.#lambdaMilliseconds += this.#cloud.clock.now() - startedAt;
      }
    };
  }

  /** Counts a state transition. */
  readonly countTransition = (): void => {
    this.#transitions += 1;
  };

  /** Returns the quantities so far. Invocations that the meter did not run are passed in. */
  read(counted: Partial<Costs> = {}): Costs {
    const calls = this.#cloud.calls.slice(this.#callsBefore);
    const itemBytes = Math.max(0, ...calls.map(itemBytesOf));
    const reads = calls.filter(({ action }) => action === 'dynamodb:GetItem').length;
    const writes = calls.filter(({ action }) => action === 'dynamodb:PutItem').length;
    const billed = /^(cloudwatch:GetMetricData|dynamodb:(GetItem|PutItem))$/;
    return {
      seconds: (this.#cloud.clock.now() - this.#startedAt) / 1000,
      invocations: this.#invocations,
      lambdaSeconds: this.#lambdaMilliseconds / 1000,
      transitions: this.#transitions,
      durableOperations: 0,
      metrics: calls.reduce((sum, call) => sum + metricsIn(call), 0),
      readUnits: reads * Math.max(1, Math.ceil(itemBytes / bytesOfReadUnit)),
      writeUnits: writes * Math.max(1, Math.ceil(itemBytes / bytesOfWriteUnit)),
      otherCalls: calls.filter(({ action }) => !billed.test(action)).length,
      ...counted,
    };
  }
}

function metricsIn({ action, input }: Call): number {
  if (action !== 'cloudwatch:GetMetricData') return 0;
  const { MetricDataQueries = [] } = input as { MetricDataQueries?: readonly { MetricStat?: unknown }[] };
  return MetricDataQueries.filter(({ MetricStat }) => MetricStat !== undefined).length;
}

function itemBytesOf({ action, input }: Call): number {
  return action === 'dynamodb:PutItem' ? Buffer.byteLength(JSON.stringify(input)) : 0;
}
