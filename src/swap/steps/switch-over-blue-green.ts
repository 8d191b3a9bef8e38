import * as v from 'valibot';
import { limitEntries, nameEntries } from '../../aurora/blue-green/green-options.js';
import type { BlueGreenReading, SwitchoverLimits } from '../../aurora/blue-green/types.js';
import { ElapsedTime } from '../../core/elapsed-time.js';
import { ToolkitError } from '../../core/errors.js';
import { strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { StepContext, SwapStep } from '../plan/step.js';
import { blueGreenMethods, deploymentNameOf, type SwapBlueGreen } from './blue-green.js';
import { StepFailedError } from './step-failed-error.js';
import { readOptions, requireMethods, type StepOptions, stepEntries } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Options of {@link switchOverBlueGreen}. */
export interface SwitchOverBlueGreenStepOptions extends StepOptions, SwitchoverLimits {
  /**
   * Name of the blue/green deployment, the same as in `createBlueGreen`.
   * @default `swap-` and the ID of the swap
   */
  readonly deploymentName?: string | undefined;
}

function optionsSchema() {
  return strictObject({
    ...stepEntries,
    ...limitEntries(),
    deploymentName: v.optional(nameEntries().name),
  });
}

/** Keys in the memory of the step: the time at which RDS has accepted the switchover, and the former production database. */
const requestedKey = 'requestedAt';
const formerKey = 'formerResourceId';

/** Codes of errors before which nothing was started. */
const passing: readonly string[] = ['BLUE_GREEN_NOT_READY', 'RESOURCE_STATE'];

/** Seconds that a step keeps for its last call. */
const reserveSeconds = 120;

/** Seconds between two readings of the guardrails. */
const guardrailSeconds = 60;

/** Milliseconds for which a read may still show the status before the switchover. */
const staleMilliseconds = 120_000;

/**
 * Creates a step that switches a blue/green deployment of RDS over. It is done when the green database has the name of the production
 * database. It reads the guardrails every minute, for at most `maxWaitSeconds`, and starts nothing while one is not met.
 *
 * No call takes a completed switchover back, so the step is allowed in `retire` only, when the swap no longer promises to restore the
 * state before. A switchover that RDS cancels has changed nothing; the step then fails, and is not repeated by itself: each attempt
 * interrupts writes. The former database stays, as `-old1`.
 *
 * @param options - `name` is `'switch over blue/green deployment'`, and `maxWaitSeconds` is 3600, or the time limit of the switchover
 * and 15 minutes, by default.
 * @remarks IAM: the actions of `RdsBlueGreen.switchOver` and `getDeployment`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function switchOverBlueGreen(
  blueGreen: SwapBlueGreen,
  options: SwitchOverBlueGreenStepOptions = {},
): SwapStep {
  requireMethods('switchOverBlueGreen', blueGreen, blueGreenMethods);
  const parsed = parseInput('switchOverBlueGreen options', optionsSchema(), options);
  const { deploymentName, switchoverTimeoutSeconds, maxReplicaLagSeconds, ...step } = parsed;
  const {
    name = 'switch over blue/green deployment',
    maxWaitSeconds = Math.max(3600, switchoverTimeoutSeconds + 900),
  } = step;
  // A deployment with a name of its own can have been created before the swap.
  const nameOf = (context: StepContext) =>
    deploymentName === undefined
      ? { name: deploymentNameOf(context), creationId: context.swapId }
      : { name: deploymentName };
  return {
    ...step,
    name,
    maxWaitSeconds,
    permissions: stepPermissions.switchOverBlueGreen,
    undo: 'none',
    irreversible: true,
    async isDone(context) {
      const request = nameOf(context);
      const reading = await blueGreen.getDeployment({ ...request, ...readOptions(context) });
      if (isSwitchedOver(reading, context)) return true;
      requireUnderWay(request.name, reading, context);
      return false;
    },
    async run(context) {
      const { memory, clock } = context;
      const request = { ...nameOf(context), ...readOptions(context) };
      const reading = await blueGreen.getDeployment(request);
      if (reading.state === 'available') memory[formerKey] ??= reading.productionResourceId;
      const limits = { switchoverTimeoutSeconds, maxReplicaLagSeconds };
      await whenReady(() => blueGreen.switchOver({ ...request, ...limits }), context, maxWaitSeconds);
      memory[requestedKey] ??= clock.now();
    },
  };
}

/** Repeats the call while a guardrail is not met: nothing is started before all of them are. */
async function whenReady(
  switchOver: () => Promise<unknown>,
  { clock, signal, logger }: StepContext,
  maxWaitSeconds: number,
): Promise<void> {
  const elapsed = new ElapsedTime(clock);
  for (;;) {
    try {
      await switchOver();
      return;
    } catch (error) {
      const mayPass = ToolkitError.isInstance(error) && passing.includes(error.code);
      // The call that follows still has to fit into the time of the step.
      if (!mayPass || elapsed.seconds + reserveSeconds >= maxWaitSeconds) throw error;
      logger.debug('Switchover cannot begin yet', { resource: error.resource, error: error.message });
    }
    await elapsed.sleepSeconds(guardrailSeconds, { signal, resource: 'switchover' });
  }
}

/** A completed deployment can be deleted by hand; the database with the production name is another one then. */
function isSwitchedOver({ state, productionResourceId }: BlueGreenReading, { memory }: StepContext): boolean {
  if (state === 'switchedOver') return true;
  const former = memory[formerKey];
  return state === 'none' && former !== undefined && former !== productionResourceId;
}

/** @throws StepFailedError when RDS has ended the switchover without effect. */
function requireUnderWay(
  name: string,
  { state, text }: BlueGreenReading,
  { memory, clock }: StepContext,
): void {
  const requestedAt = memory[requestedKey];
  if (typeof requestedAt !== 'number') return;
  const isOver = state === 'switchoverFailed' || state === 'none';
  const isBack = state === 'available' && clock.now() >= requestedAt + staleMilliseconds;
  if (!isOver && !isBack) return;
  throw new StepFailedError(`Switchover of blue/green deployment ${name} ended without effect`, {
    resource: name,
    expected: 'SWITCHOVER_COMPLETED',
    actual: text ?? 'no deployment',
    remedy:
      'Read the reason in the events of RDS. Then switch over with RdsBlueGreen.switchOver, and resume the swap: it finds the step done',
  });
}
