import { ToolkitError } from '../../core/errors.js';

/** Runs a wait that makes one read. Returns false when the resource is still there. */
export async function isOver(wait: Promise<unknown>): Promise<boolean> {
  try {
    await wait;
    return true;
  } catch (error) {
    if (ToolkitError.isInstance(error) && error.code === 'WAIT_TIMEOUT') return false;
    throw error;
  }
}
