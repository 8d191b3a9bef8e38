import * as v from 'valibot';
import type { CallOptions } from '../../core/aws-call.js';
import type { MatchOptions } from '../../core/match-options.js';
import { strictObject, wholeFrom } from '../../core/schemas.js';
import type { StackReference } from '../../core/stack-reference.js';
import { parseInput } from '../../core/validate.js';
import type { SwapStep } from '../plan/step.js';
import {
  changeOptions,
  type MatchStepOptions,
  readOptions,
  requireMethods,
  stepEntries,
} from './step-options.js';
import { stepPermissions } from './step-permissions.js';

/** Part of `CloudWatchTools` that `muteAlarms` calls. */
export interface SwapAlarmMuting {
  /** Lists the stack's alarms. */
  listAlarms(
    stack: StackReference,
    options: MatchOptions,
  ): Promise<
    readonly {
      /** Name of the alarm. */
      readonly name: string;
    }[]
  >;
  /** Lists the names of the alarms that are muted now. */
  listMutedAlarms(
    stack: StackReference,
    options: CallOptions & { readonly includeScheduled?: boolean | undefined },
  ): Promise<readonly string[]>;
  /** Mutes the stack's alarms for a time. */
  muteAlarms(stack: StackReference, options: MuteSwitchOptions): Promise<unknown>;
  /** Ends the muting. */
  unmuteAlarms(stack: StackReference, options: CallOptions): Promise<unknown>;
}

/** Options of a muting. */
export interface MuteSwitchOptions extends MatchOptions {
  /** Maximum wait while AWS refuses the change for now, in seconds. */
  readonly maxWaitSeconds?: number | undefined;
  /** Minutes after which the muting ends by itself. */
  readonly durationMinutes?: number | undefined;
}

/** Options of {@link muteAlarms}. */
export interface MuteAlarmsStepOptions extends MatchStepOptions {
  /**
   * Minutes after which the muting ends by itself: 1 to 21600. Choose the time until the stack takes traffic.
   * @default 60
   */
  readonly durationMinutes?: number | undefined;
}

const optionsSchema = strictObject({
  ...stepEntries,
  allowNone: v.optional(v.boolean(), false),
  durationMinutes: v.optional(wholeFrom(1, 21_600), 60),
});

/**
 * Creates a step that mutes the stack's alarms for a time, from the next whole minute on. The muting ends by itself, also when the
 * deployment dies. Its undo ends it at once, also a muting of the stack from before the swap. A muting of all alarms that is active
 * already counts, also one that ends soon.
 *
 * @param options - `name` is `'mute alarms'` by default.
 * @remarks IAM: the actions of `CloudWatchTools.listAlarms`, `listMutedAlarms`, `muteAlarms` and `unmuteAlarms`.
 * @throws InvalidInputError when a method is missing, or an option is malformed or unknown.
 */
export function muteAlarms(alarms: SwapAlarmMuting, options: MuteAlarmsStepOptions = {}): SwapStep {
  requireMethods('muteAlarms', alarms, ['listAlarms', 'listMutedAlarms', 'muteAlarms', 'unmuteAlarms']);
  const {
    name = 'mute alarms',
    allowNone,
    durationMinutes,
    ...settings
  } = parseInput('muteAlarms options', optionsSchema, options);
  return {
    name,
    ...settings,
    switchesOff: true,
    permissions: stepPermissions.muteAlarms,
    async isDone(context) {
      const [all, muted] = await Promise.all([
        alarms.listAlarms(context.stack, { ...readOptions(context), allowNone: true }),
        alarms.listMutedAlarms(context.stack, readOptions(context)),
      ]);
      // Without an alarm the change fails, and its error says why.
      return all.length === 0 ? allowNone : all.every((alarm) => muted.includes(alarm.name));
    },
    run: (context) =>
      alarms.muteAlarms(context.stack, { ...changeOptions(context), allowNone, durationMinutes }),
    undo: (context) => alarms.unmuteAlarms(context.stack, readOptions(context)),
    async isUndone(context) {
      // A rule of a late call begins only at the next whole minute.
      const options = { ...readOptions(context), includeScheduled: true };
      return (await alarms.listMutedAlarms(context.stack, options)).length === 0;
    },
  };
}
