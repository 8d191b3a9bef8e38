import {
  type ApplicationSignalsClient,
  BatchGetServiceLevelObjectiveBudgetReportCommand,
  type ServiceLevelObjectiveBudgetReport,
  type ServiceLevelObjectiveBudgetReportError,
} from '@aws-sdk/client-application-signals';
import { callAws } from '../../core/aws-call.js';
import { chunksOf } from '../../core/chunks-of.js';
import { mapConcurrently } from '../../core/map-concurrently.js';

/** Maximum number of objectives in one call. */
const maxObjectives = 50;

/** Reports at one time, and the objectives without one. */
export interface BudgetReports {
  readonly reports: readonly ServiceLevelObjectiveBudgetReport[];
  readonly errors: readonly ServiceLevelObjectiveBudgetReportError[];
}

/** Reads the budgets at a time. An objective that cannot be reported is an entry of the response, not an error of the call. */
export async function readBudgets(
  client: ApplicationSignalsClient,
  { ids, at }: { readonly ids: readonly string[]; readonly at: number },
  { resource, signal }: { readonly resource: string; readonly signal: AbortSignal | undefined },
): Promise<BudgetReports> {
  const action = 'application-signals:BatchGetServiceLevelObjectiveBudgetReport';
  const pages = await mapConcurrently(chunksOf([...ids], maxObjectives), (some) => {
    const command = new BatchGetServiceLevelObjectiveBudgetReportCommand({
      Timestamp: new Date(at),
      SloIds: some,
    });
    return callAws({ action, resource, signal }, (http) => client.send(command, http));
  });
  return {
    reports: pages.flatMap(({ Reports = [] }) => Reports),
    errors: pages.flatMap(({ Errors = [] }) => Errors),
  };
}

/** Finds the entry of an objective by its name or ARN. */
export function findEntry<
  Entry extends { readonly Name?: string | undefined; readonly Arn?: string | undefined },
>(entries: readonly Entry[], id: string): Entry | undefined {
  return entries.find(({ Name, Arn }) => Name === id || Arn === id);
}
