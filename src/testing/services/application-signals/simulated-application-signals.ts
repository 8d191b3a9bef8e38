import type {
  BatchGetServiceLevelObjectiveBudgetReportCommandInput,
  BatchGetServiceLevelObjectiveBudgetReportCommandOutput,
  EvaluationType,
  ServiceLevelObjectiveBudgetReport,
  ServiceLevelObjectiveBudgetStatus,
} from '@aws-sdk/client-application-signals';
import {
  awsError,
  type OperationOutput,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';

const maxObjectives = 50;
const daySeconds = 86_400;

/** A service level objective to simulate. */
export interface SimulatedObjectiveOptions {
  /** The name. */
  readonly name: string;
  /** @default 'PeriodBased' */
  readonly evaluationType?: EvaluationType | undefined;
  /**
   * Percent of good periods or requests.
   * @default 99
   */
  readonly attainmentGoal?: number | undefined;
  /**
   * Days of the rolling interval.
   * @default 30
   */
  readonly intervalDays?: number | undefined;
  /**
   * Requests in an interval, for a budget of requests.
   * @default 1000000
   */
  readonly requests?: number | undefined;
  /**
   * Used share of the budget at the start, 0 to 1 and above.
   * @default 0
   */
  readonly used?: number | undefined;
}

/** A service level objective. */
export interface SimulatedObjective {
  /** The ARN. */
  readonly arn: string;
  /** Changes the burn rate from now on: 1 uses the whole budget in one interval. */
  burn(rate: number): void;
  /** Removes the data, or brings it back. */
  setData(hasData: boolean): void;
}

interface StoredObjective {
  readonly options: SimulatedObjectiveOptions;
  readonly arn: string;
  readonly rates: { readonly at: number; readonly rate: number }[];
  hasData: boolean;
}

/** Application Signals in memory: service level objectives whose error budget burns at rates that a test sets. */
export class SimulatedApplicationSignals implements SimulatedService {
  readonly serviceId = 'Application Signals';
  readonly iamPrefix = 'application-signals';
  readonly throttlingError = 'ThrottlingException';
  /** @internal */
  readonly operations = {
    BatchGetServiceLevelObjectiveBudgetReport: (
      input: BatchGetServiceLevelObjectiveBudgetReportCommandInput,
    ): OperationOutput<BatchGetServiceLevelObjectiveBudgetReportCommandOutput> => {
      const at = required(input.Timestamp, 'Timestamp');
      const ids = required(input.SloIds, 'SloIds');
      if (ids.length < 1 || ids.length > maxObjectives)
        throw awsError('ValidationException', `SloIds has 1 to ${maxObjectives} members, not ${ids.length}`);
      const found = ids.map((id) => [id, this.#find(id)] as const);
      return {
        Timestamp: at,
        Reports: found.flatMap(([, objective]) => (objective ? [reportOf(objective, at.getTime())] : [])),
        Errors: found.flatMap(([id, objective]) =>
          objective
            ? []
            : [
                {
                  Name: id,
                  Arn: id,
                  ErrorCode: 'ResourceNotFoundException',
                  ErrorMessage: 'The service level objective was not found',
                },
              ],
        ),
      };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #objectives: StoredObjective[] = [];

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  /** Adds an objective, whose budget does not burn at first. */
  addObjective(options: SimulatedObjectiveOptions): SimulatedObjective {
    requireOptions('SimulatedApplicationSignals.addObjective', options, {
      name: 'text',
      evaluationType: ['PeriodBased', 'RequestBased'],
      attainmentGoal: 'optional',
      intervalDays: 'optional',
      requests: 'optional',
      used: 'optional',
    });
    const { clock, arn: arnOf } = this.#environment;
    const arn = arnOf('application-signals', `slo/${options.name}`);
    const objective: StoredObjective = {
      options,
      arn,
      rates: [{ at: clock.now(), rate: 0 }],
      hasData: true,
    };
    this.#objectives.push(objective);
    return {
      arn,
      burn: (rate) => void objective.rates.push({ at: clock.now(), rate }),
      setData: (hasData) => {
        objective.hasData = hasData;
      },
    };
  }

  #find(id: string): StoredObjective | undefined {
    return this.#objectives.find(({ arn, options }) => arn === id || options.name === id);
  }
}

function reportOf(objective: StoredObjective, at: number): ServiceLevelObjectiveBudgetReport {
  const { options, arn, hasData } = objective;
  const { evaluationType = 'PeriodBased', attainmentGoal = 99, intervalDays = 30 } = options;
  const common = {
    Arn: arn,
    Name: options.name,
    EvaluationType: evaluationType,
    Goal: {
      AttainmentGoal: attainmentGoal,
      WarningThreshold: 30,
      Interval: { RollingInterval: { DurationUnit: 'DAY' as const, Duration: intervalDays } },
    },
  };
  if (!hasData) return { ...common, BudgetStatus: 'INSUFFICIENT_DATA' };
  const used = usedAt(objective, at);
  const badShare = (100 - attainmentGoal) / 100;
  const all = evaluationType === 'RequestBased' ? (options.requests ?? 1_000_000) : intervalDays * daySeconds;
  const total = Math.round(all * badShare);
  const remaining = Math.round(total * (1 - used));
  return {
    ...common,
    BudgetStatus: statusOf(used),
    Attainment: 100 * (1 - badShare * used),
    ...(evaluationType === 'RequestBased'
      ? { TotalBudgetRequests: total, BudgetRequestsRemaining: remaining }
      : { TotalBudgetSeconds: total, BudgetSecondsRemaining: remaining }),
  };
}

function statusOf(used: number): ServiceLevelObjectiveBudgetStatus {
  if (used > 1) return 'BREACHED';
  return used > 0.7 ? 'WARNING' : 'OK';
}

function usedAt({ options, rates }: StoredObjective, at: number): number {
  const interval = (options.intervalDays ?? 30) * daySeconds * 1000;
  return rates.reduce((used, { at: from, rate }, index) => {
    const to = Math.min(rates[index + 1]?.at ?? at, at);
    return used + (rate * Math.max(0, to - from)) / interval;
  }, options.used ?? 0);
}
