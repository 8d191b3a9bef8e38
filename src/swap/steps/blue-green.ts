import type {
  BlueGreenReading,
  CreateBlueGreenOptions,
  DeleteBlueGreenOptions,
  GetBlueGreenOptions,
  SwitchOverOptions,
} from '../../aurora/blue-green/types.js';
import type { StepContext } from '../plan/step.js';

/** Part of `RdsBlueGreen` that `createBlueGreen` and `switchOverBlueGreen` call. */
export interface SwapBlueGreen {
  /** Reads the deployment of this name. */
  getDeployment(options: GetBlueGreenOptions): Promise<BlueGreenReading>;
  /** Creates the deployment, unless this caller has created it before. */
  createDeployment(options: CreateBlueGreenOptions): Promise<unknown>;
  /** Deletes the deployment with its green environment before the switchover. */
  deleteGreenEnvironment(options: DeleteBlueGreenOptions): Promise<unknown>;
  /** Starts the switchover. */
  switchOver(options: SwitchOverOptions): Promise<unknown>;
}

export const blueGreenMethods = [
  'getDeployment',
  'createDeployment',
  'deleteGreenEnvironment',
  'switchOver',
] as const;

/** The green environment of a large database takes hours. */
export const defaultBlueGreenSeconds = 14_400;

/** Longest name of a deployment. */
const maxNameLength = 60;

/** Name of the deployment of a swap: the ID of a swap is unique. */
export function deploymentNameOf({ swapId }: Pick<StepContext, 'swapId'>): string {
  const name = `swap-${swapId.replace(/[^a-zA-Z0-9]+/g, '-')}`.slice(0, maxNameLength);
  return name.replace(/-+$/, '');
}
