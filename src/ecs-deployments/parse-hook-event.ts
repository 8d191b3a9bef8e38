import * as v from 'valibot';
import { nonEmptyString } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';

const text = v.optional(v.string());

const eventSchema = v.object({
  source: v.literal('aws.ecs'),
  'detail-type': v.literal('ECS Hook State Change'),
  detail: v.object({
    eventName: nonEmptyString,
    hookId: nonEmptyString,
    hookType: text,
    lifecycleStage: text,
    serviceDeploymentArn: v.pipe(
      nonEmptyString,
      v.check((arn) => arn.includes(':service-deployment/'), 'the ARN of a service deployment'),
    ),
  }),
});

/** The fields of a hook's event that decide. */
export type HookStateChange = v.InferOutput<typeof eventSchema>['detail'];

/**
 * Parses an event of EventBridge. It may have further fields, and names that ECS has added since.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html
 * @throws InvalidInputError that names every wrong field.
 */
export function parseHookEvent(event: unknown): HookStateChange {
  return parseInput('ECS Hook State Change event', eventSchema, event).detail;
}
