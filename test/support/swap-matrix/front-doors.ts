import { deploymentDoors } from './deployment-doors.js';
import { shiftDoors } from './shift-doors.js';
import type { FrontDoor } from './swap-of-door.js';

/** Every front door of a swap. */
export const frontDoors: readonly FrontDoor[] = [...deploymentDoors, ...shiftDoors];
