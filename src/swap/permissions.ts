import type { MethodPermissions } from '../core/permissions.js';
import { invokeFunctionPermissions } from './steps/permissions.js';

/**
 * Permissions of a stack swap. The swap makes no AWS call itself: `permissions()` returns those of its steps, its record and its
 * switch.
 */
export const swapPermissions = {
  ...invokeFunctionPermissions,
  'StackSwap.adopt': [],
  'StackSwap.advance': [],
  'StackSwap.begin': [],
  'StackSwap.next': [],
  'StackSwap.preview': [],
  'StackSwap.requestRollBack': [],
  'StackSwap.resume': [],
  'StackSwap.rollBack': [],
  'StackSwap.run': [],
  'StackSwap.status': [],
} as const satisfies MethodPermissions;
