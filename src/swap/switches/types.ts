import type { CallOptions } from '../../core/aws-call.js';
import type { Permission } from '../../core/permissions.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import type { JsonValue } from '../plan/step.js';
import type { SwapOwner } from '../record/types.js';

/** Share of the production traffic of each stack, in percent. They add up to 100, or to less when other targets get the rest. */
export type TrafficPercents = StackPair<number>;

/** Options of {@link TrafficProbe.percentByStack}. */
export interface ProbeOptions extends CallOptions {
  /** Environment variable of the task definition that names its stack. The swap passes its own `boundBy`. */
  readonly boundBy?: string | undefined;
}

/** Reads which stack has the production traffic. */
export interface TrafficProbe {
  /** Name, for messages. */
  readonly description: string;
  /** Returns the share of each stack. Throws when it cannot be known; never guesses. */
  percentByStack(options?: ProbeOptions): Promise<TrafficPercents>;
  /** Permissions that it needs. */
  readonly permissions: readonly Permission[];
}

/** Status of the deployment that a swap belongs to. */
export type OwnerStatus = OwnerState & {
  /** True when the deployment itself rolls another one back. Its hooks change nothing. */
  readonly isRollback?: true;
};

/** State of the deployment that a swap belongs to. */
export type OwnerState =
  /** In progress, or waiting for its hooks. */
  | {
      /** State of the deployment. */
      readonly state: 'underWay';
      /** State in words, for messages. */
      readonly detail: string;
    }
  /** AWS will not move the traffic of this deployment any more, and the new revision has it. */
  | {
      /** State of the deployment. */
      readonly state: 'succeeded';
      /** State in words, for messages. */
      readonly detail: string;
    }
  /** Failed or stopped. `isReturning` is true while AWS still moves traffic back, for example in a rollback deployment. */
  | {
      /** State of the deployment. */
      readonly state: 'ended';
      /** State in words, for messages. */
      readonly detail: string;
      /** True while AWS still moves traffic back. */
      readonly isReturning: boolean;
    };

/** Binding of the revision of a deployment: the stacks that its task definition names. */
export interface RevisionBinding {
  /** Stacks that the task definition names. */
  readonly stacks: readonly StackReference[];
  /** The revision, for messages. */
  readonly revision: string;
}

/** Moves of the traffic by AWS: a CodeDeploy or ECS deployment. */
export interface DeploymentSwitch extends TrafficProbe {
  /** Mover of the traffic. */
  readonly kind: 'codeDeploy' | 'ecs';
  /** Fingerprint of the service and the listener. One application of the record belongs to one fingerprint. */
  readonly fingerprint: string;
  /** Returns the stacks that the deployment's new task definition is bound to. */
  bindingOf(owner: SwapOwner, boundBy: string, options?: CallOptions): Promise<RevisionBinding>;
  /** Returns the status of the deployment, and of its rollback. */
  statusOf(owner: SwapOwner, options?: CallOptions): Promise<OwnerStatus>;
  /** True while another deployment of the same group or service is under way. */
  isAnotherUnderWay(owner: SwapOwner, options?: CallOptions): Promise<boolean>;
  /** Asks AWS to stop the deployment and to return the traffic. Writes no weights. Succeeds when it has already ended. */
  returnTraffic(owner: SwapOwner, reason: string, options?: CallOptions): Promise<void>;
}

/** Result of one call of a {@link ShiftSwitch}. */
export interface ShiftAdvance {
  /** State for the next call. */
  readonly state: JsonValue;
  /** Seconds until the next call is useful. */
  readonly waitSeconds: number;
  /** End of the shift. Absent while it is in progress. */
  readonly outcome?: 'succeeded' | 'rolledBack' | 'halted';
  /** Reason of a rollback or halt. */
  readonly reason?: string;
}

/** Moves of the traffic by the process that runs the swap. */
export interface ShiftSwitch extends TrafficProbe {
  /** Mover of the traffic. */
  readonly kind: 'shift';
  /** Fingerprint of the target. The strategy is no part of it, because the next swap may have another one. */
  readonly fingerprint: string;
  /**
   * Seconds for which the shift holds its steps at least, for a preview.
   * @default 0
   */
  readonly holdSeconds?: number;
  /** Begins the shift, and returns its first state. Changes nothing yet. */
  begin(incoming: StackReference, options?: CallOptions): Promise<JsonValue>;
  /** Advances the shift in its direction. */
  advance(state: JsonValue, options?: CallOptions): Promise<ShiftAdvance>;
  /** Starts the rollback of the shift, or continues it. */
  rollBack(state: JsonValue, reason: string, options?: CallOptions): Promise<ShiftAdvance>;
}

/** Mover of the traffic of a swap. */
export type SwapSwitch = DeploymentSwitch | ShiftSwitch;
