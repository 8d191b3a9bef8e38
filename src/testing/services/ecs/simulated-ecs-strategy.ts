import * as v from 'valibot';
import { ecsLifecycleStages } from '../../../core/ecs-lifecycle-stages.js';
import { nearestName } from '../../../core/nearest-name.js';
import { parseInput } from '../../../core/validate.js';
import { lambdaTimeout } from '../lambda/lambda-schema.js';
import type {
  EcsHookStageName,
  SimulatedEcsDeploymentOptions,
  SimulatedEcsStrategy,
} from './simulated-ecs-deployment-types.js';
import { isPauseHook } from './simulated-ecs-hook-execution.js';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html */
const maxHooks = 10;
const maxPauseMinutes = 20_160;
const stagesWithoutPause: readonly EcsHookStageName[] = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'];

const stages: readonly string[] = ecsLifecycleStages satisfies readonly EcsHookStageName[];

const stage = v.pipe(
  v.string(),
  v.check(
    (name) => stages.includes(name),
    ({ input }) => `a lifecycle stage; did you mean ${nearestName(input, stages) ?? stages.join(' or ')}?`,
  ),
);

const hooksSchema = v.object({
  hooks: v.array(v.object({ stages: v.array(stage), timeoutSeconds: lambdaTimeout })),
});

/** @throws InvalidInputError for an unknown stage or a time-out that Lambda does not have, TypeError for hooks that ECS refuses. */
export function requireHooks(hooks: SimulatedEcsDeploymentOptions['hooks'] = []): void {
  parseInput('SimulatedEcsDeployments options', hooksSchema, { hooks });
  const pauses = hooks.filter(isPauseHook);
  if (Math.max(pauses.length, hooks.length - pauses.length) > maxHooks)
    throw new TypeError(`Invalid deployment hooks: expected at most ${maxHooks} of each kind`);
  for (const { stages, timeoutInMinutes = 1 } of pauses) {
    const refused = stages.find((stage) => stagesWithoutPause.includes(stage));
    if (refused !== undefined)
      throw new TypeError(`Invalid deployment hooks: no pause is allowed at ${refused}`);
    if (!(timeoutInMinutes >= 1 && timeoutInMinutes <= maxPauseMinutes))
      throw new TypeError(`Invalid deployment hooks: timeoutInMinutes: expected 1 to ${maxPauseMinutes}`);
  }
}

/** Returns the shares of the new revision in order. The last step has no bake time of its own. */
export function stepsOf(
  strategy: SimulatedEcsStrategy = { type: 'BLUE_GREEN' },
): { readonly from: number; readonly to: number; readonly bakeMinutes: number }[] {
  const shares = [0, ...sharesOf(strategy)];
  return shares.slice(1).map((to, index) => ({
    from: shares[index] ?? 0,
    to,
    bakeMinutes: to === 100 ? 0 : bakeMinutesOf(strategy),
  }));
}

function sharesOf(strategy: SimulatedEcsStrategy): number[] {
  if (strategy.type === 'BLUE_GREEN') return [100];
  if (strategy.type === 'CANARY') {
    const { canaryPercent = 5 } = strategy;
    requireWithin('canaryPercent', canaryPercent, 0.1);
    return canaryPercent === 100 ? [100] : [canaryPercent, 100];
  }
  const { stepPercent = 10 } = strategy;
  requireWithin('stepPercent', stepPercent, 3);
  const count = Math.ceil(100 / stepPercent);
  return Array.from({ length: count }, (_, index) => Math.min(100, stepPercent * (index + 1)));
}

function bakeMinutesOf(strategy: SimulatedEcsStrategy): number {
  if (strategy.type === 'LINEAR') return strategy.stepBakeTimeInMinutes ?? 6;
  return strategy.type === 'CANARY' ? (strategy.canaryBakeTimeInMinutes ?? 10) : 0;
}

function requireWithin(name: string, percent: number, min: number): void {
  if (percent >= min && percent <= 100) return;
  throw new TypeError(`Invalid deployment strategy: ${name}: expected ${min} to 100, got ${percent}`);
}
