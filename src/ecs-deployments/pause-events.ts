import type { Outcome } from '../resumable/types.js';
import type { CheckError } from '../traffic/shift/shift-events.js';
import type { CheckResult } from '../traffic/types.js';
import type { EcsPauseAction } from './change-deployment.js';

/** Fields of every event. */
export interface EcsPauseEventTime {
  /** Time of the event: milliseconds since 1970. */
  readonly at: number;
}

/** Event of a pause. */
export type EcsPauseEvent = EcsPauseEventTime &
  (
    | {
        /** A new status, stage or share was read. */
        readonly type: 'deploymentChanged';
        /** Status as ECS returns it. */
        readonly status: string;
        /** Stage as ECS returns it. */
        readonly stage?: string;
        /** Percent of the production traffic that the new revision has. */
        readonly productionPercent?: number;
      }
    | {
        /** The work of a pause begins. */
        readonly type: 'pauseStarted';
        /** ID of the pause. */
        readonly hookId: string;
        /** Stage of the pause. */
        readonly stage: string;
        /** Time at which ECS acts by itself. */
        readonly expiresAt?: number;
        /** Action of ECS at that time. */
        readonly timeoutAction?: string;
      }
    | {
        /** A pause without work at its stage waits for a response of another caller. */
        readonly type: 'pauseLeft';
        /** ID of the pause. */
        readonly hookId: string;
        /** Stage of the pause, when it is known. */
        readonly stage?: string;
      }
    | {
        /** A step has ended. */
        readonly type: 'stepCompleted';
        /** ID of the pause. */
        readonly hookId: string;
        /** Name of the step. */
        readonly step: string;
      }
    | {
        /** A check was evaluated. */
        readonly type: 'checkEvaluated';
        /** ID of the pause. */
        readonly hookId: string;
        /** Name of the check. */
        readonly check: string;
        /** True when the result has no consequence. */
        readonly dryRun: boolean;
        /** Result of the check. */
        readonly result: CheckResult | CheckError;
      }
    | {
        /** ECS has accepted the response to a pause. */
        readonly type: 'pauseEnded';
        /** ID of the pause. */
        readonly hookId: string;
        /** The response. */
        readonly action: EcsPauseAction;
      }
    | {
        /** A pause was settled without a response of this call. */
        readonly type: 'pauseSettled';
        /** ID of the pause. */
        readonly hookId: string;
        /** `expiry`: by ECS itself; `other`: by another caller, or by an earlier call whose response was lost. */
        readonly by: 'expiry' | 'other';
        /** Action of ECS; `unknown` while the deployment does not show it. */
        readonly action: EcsPauseAction | 'unknown';
      }
    | {
        /** A rollback has begun, by this run or by ECS. */
        readonly type: 'rollingBack';
        /** Its reason. */
        readonly reason: string;
      }
    | {
        /** The run has ended. */
        readonly type: 'ended';
        /** Its outcome. */
        readonly outcome: Outcome;
        /** Reason of a rollback or halt. */
        readonly reason?: string;
      }
  );

type WithoutTime<Event> = Event extends EcsPauseEvent ? Omit<Event, 'at'> : never;

/** An event before its time is known. */
export type NewPauseEvent = WithoutTime<EcsPauseEvent>;
