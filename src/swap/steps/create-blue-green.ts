import * as v from 'valibot';
import { createdEntries, nameEntries } from '../../aurora/blue-green/green-options.js';
import type { BlueGreenReading, CreateBlueGreenOptions } from '../../aurora/blue-green/types.js';
import { strictObject } from '../../core/schemas.js';
import { parseInput } from '../../core/validate.js';
import type { StepContext, SwapStep } from '../plan/step.js';
import {
  blueGreenMethods,
  defaultBlueGreenSeconds,
  deploymentNameOf,
  type SwapBlueGreen,
} from './blue-green.js';
import { parseRecorded } from './recorded-state.js';
import { StepFailedError } from './step-failed-error.js';
import { readOptions, requireMethods, type StepOptions, stepEntries } from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Options of {@link createBlueGreen}. */
export interface CreateBlueGreenStepOptions
  extends StepOptions,
    Pick<CreateBlueGreenOptions, 'green' | 'tags'> {
  /**
   * Name of the blue/green deployment, the same as in `switchOverBlueGreen`.
   * @default `swap-` and the ID of the swap
   */
  readonly deploymentName?: string | undefined;
}

function optionsSchema() {
  return strictObject({
    ...stepEntries,
    ...createdEntries(),
    deploymentName: v.optional(nameEntries().name),
  });
}

/** RDS refuses the deletion during the creation, which takes hours; a swap repeats an undo 20 times. */
const maxRefusedSeconds = 600;

const recordedSchema = v.object({ existed: v.boolean() });

/** States of a deployment that this swap has. */
const done: readonly BlueGreenReading['state'][] = ['available', 'switchingOver', 'switchedOver'];

/**
 * Creates a step that creates a blue/green deployment of a database of RDS. It is done when the green environment is available. The
 * production database is not changed; `switchOverBlueGreen` switches over, in `retire`.
 *
 * Its undo deletes the deployment and the green environment that this swap has created, and nothing else.
 *
 * @param options - `name` is `'create blue/green deployment'`, and `maxWaitSeconds` is 14400 by default.
 * @remarks IAM: the actions of `RdsBlueGreen.createDeployment` and `deleteGreenEnvironment`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function createBlueGreen(
  blueGreen: SwapBlueGreen,
  options: CreateBlueGreenStepOptions = {},
): SwapStep {
  requireMethods('createBlueGreen', blueGreen, blueGreenMethods);
  const {
    name = 'create blue/green deployment',
    maxWaitSeconds = defaultBlueGreenSeconds,
    deploymentName,
    green,
    tags,
    ...step
  } = parseInput('createBlueGreen options', optionsSchema(), options);
  const nameOf = (context: StepContext) => ({
    name: deploymentName ?? deploymentNameOf(context),
    creationId: context.swapId,
  });
  const readState = async (context: StepContext) =>
    (await blueGreen.getDeployment({ ...nameOf(context), ...readOptions(context) })).state;
  const isOwn = (state: BlueGreenReading['state']) => state !== 'none' && state !== 'other';
  return {
    ...step,
    name,
    maxWaitSeconds,
    permissions: stepPermissions.createBlueGreen,
    async isDone(context) {
      const state = await readState(context);
      if (state === 'invalid') throw invalidError(nameOf(context).name);
      return done.includes(state);
    },
    before: async (context) => ({ existed: isOwn(await readState(context)) }),
    async run(context) {
      await blueGreen.createDeployment({ ...nameOf(context), ...readOptions(context), green, tags });
    },
    async undo(context, before) {
      if (parseRecorded(name, recordedSchema, before).existed) return;
      await blueGreen.deleteGreenEnvironment({
        ...nameOf(context),
        ...readOptions(context),
        maxWaitSeconds: maxRefusedSeconds,
      });
    },
    async isUndone(context, before) {
      return parseRecorded(name, recordedSchema, before).existed || !isOwn(await readState(context));
    },
  };
}

/** Error for a deployment that RDS cannot continue. The rollback of the swap deletes it. */
function invalidError(resource: string): StepFailedError {
  return new StepFailedError(`Blue/green deployment ${resource} cannot switch over`, {
    resource,
    expected: 'AVAILABLE',
    actual: 'INVALID_CONFIGURATION',
    remedy: 'Read the reason in the events of RDS, and remove it. Then begin the swap again',
  });
}
