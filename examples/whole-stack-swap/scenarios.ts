import type { SwapPreview } from 'aws-blue-green-toolkit/swap';
import type { Recorder } from './recorder.js';
import type { World } from './world.js';

/** Scenarios of the demo. */
export const scenarios = [
  'swap',
  'created-database',
  'failed-tests',
  'killed-hook',
  'two-deployments',
  'stopped-at-ten-percent',
  'hotfix',
  'preview',
] as const;

/** One of the {@link scenarios}. */
export type Scenario = (typeof scenarios)[number];

/** Result of a scenario. */
export interface ScenarioResult {
  readonly outcome: 'succeeded' | 'rolledBack' | 'previewed';
  readonly preview?: SwapPreview;
}

/** Runs a scenario until its last deployment has ended. */
export async function runScenario(
  scenario: Scenario,
  world: World,
  recorder: Recorder,
): Promise<ScenarioResult> {
  const { cloud, swap } = world;
  if (scenario === 'preview') return { outcome: 'previewed', preview: await swap.preview() };
  const { live, incoming } = await swap.next();
  const deploy = (taskDefinition: string) => world.deploy(taskDefinition, recorder.onLifecycleEvent);
  if (scenario === 'killed-hook') {
    cloud.injectFault({ kind: 'killBefore', action: 'sns:SetSubscriptionAttributes' });
  }
  const first = deploy(world.register(scenario === 'hotfix' ? live : incoming));
  if (scenario === 'two-deployments') {
    const second = world.register(incoming);
    await startWhenAllowed(world, () => deploy(second));
  }
  if (scenario === 'stopped-at-ten-percent') {
    while (world.percentOf('green') !== 10) await cloud.clock.sleep(1_000);
    first.stop({ rollBack: false });
  }
  const status = await first.ended;
  if (scenario === 'stopped-at-ten-percent') {
    // Both stacks have users, and stay on. Half an hour later a person returns the traffic.
    await cloud.clock.sleep(1_800_000);
    world.moveTraffic('blue');
  }
  return { outcome: status === 'Succeeded' ? 'succeeded' : 'rolledBack' };
}

/** Starts a deployment as soon as CodeDeploy allows it, as a pipeline does that retries every minute. */
async function startWhenAllowed(
  { cloud }: World,
  start: () => { readonly ended: Promise<unknown> },
): Promise<void> {
  for (;;) {
    try {
      await start().ended;
      return;
    } catch (error) {
      if (!(error instanceof Error && error.name === 'DeploymentLimitExceededException')) throw error;
      await cloud.clock.sleep(60_000);
    }
  }
}
