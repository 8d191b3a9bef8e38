import { architecturePicture } from './architecture-picture.js';
import { hooksPicture } from './hooks-picture.js';
import { rollbackPicture } from './rollback-picture.js';
import { stateMachinePicture } from './state-machine-picture.js';
import { swapPhasesPicture } from './swap-phases-picture.js';
import { swapPicture } from './swap-picture.js';

/** Pictures of the documentation by their files in docs/pictures. */
export const pictures: Readonly<Record<string, () => string | Promise<string>>> = {
  'architecture.svg': architecturePicture,
  'rolled-back-canary.svg': rollbackPicture,
  'state-machine.svg': stateMachinePicture,
  'steps-by-hook.svg': hooksPicture,
  'swap-phases.svg': swapPhasesPicture,
  'whole-stack-swap.svg': swapPicture,
};
