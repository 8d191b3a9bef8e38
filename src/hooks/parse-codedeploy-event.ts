import * as v from 'valibot';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { HookExecution } from './types.js';

const eventSchema = v.object({ DeploymentId: nonEmptyString, LifecycleEventHookExecutionId: nonEmptyString });

/** @throws InvalidInputError for anything but the event of a CodeDeploy lifecycle hook. */
export function parseCodeDeployEvent(event: unknown): HookExecution {
  const ids = parseInput('CodeDeploy hook event', eventSchema, event);
  return {
    deploymentId: ids.DeploymentId,
    lifecycleEventHookExecutionId: ids.LifecycleEventHookExecutionId,
  };
}
