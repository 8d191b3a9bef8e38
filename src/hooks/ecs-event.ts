import * as v from 'valibot';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { EcsHookDirection, EcsHookInvocation } from './ecs-invocation.js';

const weights = v.pipe(
  v.nullish(v.record(v.string(), v.number()), {}),
  v.transform((it) => new Map(Object.entries(it))),
);

const eventSchema = v.object({
  executionId: nonEmptyString,
  lifecycleStage: nonEmptyString,
  resourceArn: nonEmptyString,
  executionDetails: v.object({
    serviceArn: nonEmptyString,
    targetServiceRevisionArn: nonEmptyString,
    testTrafficWeights: weights,
    productionTrafficWeights: weights,
  }),
  hookDetails: v.nullish(v.record(v.string(), v.unknown()), {}),
});

/** Parsed event of an ECS lifecycle hook. Its details have all entries, including the toolkit's own. */
export type EcsHookExecution = Omit<
  EcsHookInvocation,
  'kept' | 'keep' | 'logger' | 'signal' | 'remainingSeconds'
>;

/** @throws InvalidInputError that names every wrong field. */
export function parseEcsHookEvent(event: unknown): EcsHookExecution {
  const { executionId, lifecycleStage, resourceArn, executionDetails, hookDetails } = parseInput(
    'ECS hook event',
    eventSchema,
    event,
  );
  const { serviceArn, targetServiceRevisionArn, testTrafficWeights, productionTrafficWeights } =
    executionDetails;
  const shifted = lifecycleStage === 'TEST_TRAFFIC_SHIFT' ? testTrafficWeights : productionTrafficWeights;
  const targetPercent = shifted.get(targetServiceRevisionArn);
  return {
    executionId,
    stage: lifecycleStage,
    direction: directionOf(lifecycleStage, targetPercent),
    deploymentArn: resourceArn,
    serviceArn,
    targetServiceRevisionArn,
    ...(targetPercent !== undefined && { targetPercent }),
    hookDetails,
  };
}

/**
 * A rollback has no stages of its own: ECS repeats the two traffic shift stages, with weight 0 for the target revision.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
 */
function directionOf(stage: string, targetPercent: number | undefined): EcsHookDirection {
  if (stage !== 'TEST_TRAFFIC_SHIFT' && stage !== 'PRODUCTION_TRAFFIC_SHIFT') return 'forward';
  if (targetPercent === undefined) return 'unknown';
  return targetPercent > 0 ? 'forward' : 'rollback';
}
