import * as v from 'valibot';
import { stackReference, time } from '../../core/schemas.js';
import { checkEvaluated } from './shift-schema.js';

const taskArn = v.string();
const targetGroupArn = v.string();
const taskDefinition = v.string();

const rolloutEvent = v.variant('type', [
  v.object({ type: v.literal('phaseStarted'), at: time, phase: v.string() }),
  v.object({ type: v.literal('leftoverFound'), at: time, taskArn }),
  v.object({
    type: v.literal('taskDefinitionReady'),
    at: time,
    taskDefinition,
    registered: v.boolean(),
  }),
  v.object({ type: v.literal('serviceCreated'), at: time, serviceArn: v.string() }),
  v.object({ type: v.literal('featuresUntried'), at: time, features: v.array(v.string()) }),
  v.object({ type: v.literal('canaryStarted'), at: time, taskArn }),
  v.object({ type: v.literal('canaryChanged'), at: time, taskArn, status: v.string(), health: v.string() }),
  v.object({
    type: v.literal('canaryRegistered'),
    at: time,
    targetGroupArn,
    targetId: v.string(),
    port: v.number(),
  }),
  v.object({
    type: v.literal('targetHealthChanged'),
    at: time,
    targetGroupArn,
    state: v.string(),
    detail: v.optional(v.string()),
  }),
  checkEvaluated,
  v.object({ type: v.literal('serviceUpdated'), at: time, from: v.string(), to: v.string() }),
  v.object({ type: v.literal('serviceChanged'), at: time, detail: v.string() }),
  v.object({ type: v.literal('serviceStable'), at: time, taskDefinition, runningCount: v.number() }),
  v.object({ type: v.literal('rollingBack'), at: time, to: v.string(), reason: v.string() }),
  v.object({ type: v.literal('rolledBack'), at: time, taskDefinition }),
  v.object({ type: v.literal('canaryDeregistered'), at: time, targetGroupArn }),
  v.object({ type: v.literal('canaryStopped'), at: time, taskArn }),
  v.object({ type: v.literal('succeeded'), at: time, taskDefinition }),
  v.object({
    type: v.literal('failed'),
    at: time,
    phase: v.string(),
    reason: v.string(),
    serviceIntact: v.boolean(),
  }),
]);

/** Schema of a rollout's part. The result and the error of a rollout have further members. */
export const rolloutSchema = v.object({
  history: v.array(rolloutEvent),
  remedy: v.optional(v.string()),
  stack: v.optional(stackReference, 'green'),
});

/** Rollout of a report, parsed. */
export type RolloutPart = v.InferOutput<typeof rolloutSchema>;

/** Event of a rollout, parsed. */
export type RolloutEventPart = v.InferOutput<typeof rolloutEvent>;
