import * as v from 'valibot';
import { anyFunction, secondsFrom } from '../../../core/schemas.js';

/** Time-out of a Lambda function, with the limits of AWS. */
export const lambdaTimeout = v.optional(secondsFrom(1, 900));

/** Fields of a `SimulatedHookLambda`. */
export const hookLambdaEntries = { handler: anyFunction, timeoutSeconds: lambdaTimeout };
