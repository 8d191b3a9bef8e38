import type { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { silentLogger } from '../../../src/core/logger.js';
import {
  type DurableChangeContext,
  type DurableOptions,
  type DurableResult,
  runDurably,
} from '../../../src/durable/index.js';
import type { ShiftEvent, ShiftState } from '../../../src/traffic/index.js';
import { DurableJournal } from '../../support/durable-journal.js';
import { makeRunner } from '../../support/durable-runner.js';
import { type Engine, type EngineWorld, restartWhenever } from './engine-world.js';
import type { EngineScenario } from './scenarios.js';

/** `runDurably` on a journal in memory. */
export const durable: Engine = async (world, scenario) => {
  const { clock } = world.cloud;
  const journal = new DurableJournal({ clock, timeoutMilliseconds: 900_000 });
  const approve = (callbackId: string) => journal.answer(callbackId, { result: '{"approved":true}' });
  return restarted(world, () => journal.run(handler(world, scenario, { approve })));
};

/** `runDurably` on the local engine of AWS's SDK, which the test sets up and tears down. */
export const durableOnLocalEngine: Engine = async (world, scenario) => {
  const { clock } = world.cloud;
  const approve = (_callbackId: string, percent: number) =>
    void clock.busy(() => answerOn(runner, percent).sendCallbackSuccess('{"approved":true}'));
  const work = handler(world, scenario, { approve });
  const { runner, run } = makeRunner<unknown, DurableResult<ShiftState>>(world.cloud, (_event, context) =>
    work(context),
  );
  return restarted(world, async () => {
    const execution = await run(scenario.request);
    if (execution.getStatus() !== 'SUCCEEDED') throw new Error(execution.getError().errorMessage);
    return execution.getResult();
  });
};

/** The callback for the approval of a share. */
export function answerOn<Result>(runner: LocalDurableTestRunner<Result>, percent: number) {
  return runner.getOperation(`approval-${percent}`);
}

function handler(
  { cloud, makeShifter, secondsUntilApproved }: EngineWorld,
  { request }: EngineScenario,
  { approve }: { readonly approve: (callbackId: string, percent: number) => void },
) {
  const { clock } = cloud;
  const requestApproval: DurableOptions<ShiftState, ShiftEvent>['requestApproval'] = (
    callbackId,
    { key },
  ) => {
    const percent = Number(key);
    const seconds = secondsUntilApproved(percent);
    if (Number.isFinite(seconds)) clock.schedule(seconds, () => approve(callbackId, percent));
  };
  // A new shifter for each invocation, so that no state is kept between them.
  return (context: DurableChangeContext) =>
    runDurably(context, makeShifter(), request, { clock, requestApproval, logger: silentLogger });
}

async function restarted({ cloud }: EngineWorld, run: () => Promise<DurableResult<ShiftState> | undefined>) {
  const stop = restartWhenever(cloud);
  try {
    const result = await run();
    if (result === undefined) throw new Error('The durable function has no result');
    return { outcome: result.outcome, reason: result.reason };
  } finally {
    stop();
  }
}
