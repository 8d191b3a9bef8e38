import * as v from 'valibot';
import { anyFunction, nonEmptyString, strictObject } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import { hookLambdaEntries } from '../lambda/lambda-schema.js';
import { hookNames } from './app-spec.js';

const hookSchema = v.optional(
  v.lazy((hook): v.GenericSchema => {
    if (typeof hook === 'string') return nonEmptyString;
    return typeof hook === 'function' ? anyFunction : strictObject(hookLambdaEntries);
  }),
);

/** A mistyped event would have no hook, and the deployment would pass. */
const hooksSchema = strictObject(Object.fromEntries(hookNames.map((name) => [name, hookSchema])));

const anything = v.optional(v.unknown());

const deploymentSchema = strictObject({
  hooks: v.optional(hooksSchema),
  service: anything,
  taskDefinition: anything,
  terminationWaitSeconds: anything,
  deploymentConfig: anything,
  onLifecycleEvent: anything,
});

const withHooks = v.object({ hooks: v.optional(hooksSchema) });

/** @throws InvalidInputError for an unknown option, an unknown event, or a malformed hook. */
export function requireDeployment(options: unknown): void {
  parseInput('SimulatedCodeDeploy.runDeployment options', deploymentSchema, options);
}

/** @throws InvalidInputError for an unknown event, or a malformed hook. */
export function requireHooks(method: 'addDeploymentGroup' | 'startDeployment', options: unknown): void {
  parseInput(`SimulatedCodeDeploy.${method} options`, withHooks, options);
}
