import { vi } from 'vitest';
import type { EcsHookEvent, EcsHookResponse, EcsLifecycleHookHandler } from '../../src/hooks/index.js';
import type { VirtualClock } from '../../src/testing/index.js';

const arn = (resource: string) => `arn:aws:ecs:eu-west-1:123456789012:${resource}/shop/web`;

/** The revision that is being deployed. */
export const targetRevision = `${arn('service-revision')}/2222222222222222222`;

/** The revision that has the traffic. */
const sourceRevision = `${arn('service-revision')}/1111111111111111111`;

/** Weights of the two revisions. */
export function weightsOf(targetPercent: number): Record<string, number> {
  return { [targetRevision]: targetPercent, [sourceRevision]: 100 - targetPercent };
}

/** An event as ECS sends it. */
export function hookEvent(
  lifecycleStage: string,
  {
    test = {},
    production = {},
    ...rest
  }: Partial<EcsHookEvent> & { test?: Record<string, number>; production?: Record<string, number> } = {},
): EcsHookEvent {
  return {
    executionId: 'e8d5a28f-eb01-4f3c-9454-a30ba6dc54bc',
    lifecycleStage,
    resourceArn: `${arn('service-deployment')}/EZe5RNVLH6PPzHXINuP28`,
    executionDetails: {
      serviceArn: arn('service'),
      targetServiceRevisionArn: targetRevision,
      testTrafficWeights: test,
      productionTrafficWeights: production,
    },
    ...rest,
  };
}

export function makeLogger() {
  return { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
}

/** A Lambda context whose time runs with the virtual clock. */
export function makeContext(clock: VirtualClock, timeoutSeconds = 900) {
  const endsAt = clock.now() + timeoutSeconds * 1000;
  return { getRemainingTimeInMillis: () => endsAt - clock.now() };
}

/** Response of one invocation. */
export interface RecordedResponse {
  readonly response: EcsHookResponse;
  /** Seconds since the first invocation. */
  readonly after: number;
}

/** Calls a hook as ECS does until it has succeeded or failed. Events and responses pass through JSON. */
export async function callUntilEnd(
  handler: EcsLifecycleHookHandler,
  event: EcsHookEvent,
  {
    clock,
    timeoutSeconds,
    maxCalls = 1000,
  }: { clock: VirtualClock; timeoutSeconds?: number; maxCalls?: number },
): Promise<readonly RecordedResponse[]> {
  const start = clock.now();
  const responses: RecordedResponse[] = [];
  let hookDetails = event.hookDetails;
  while (responses.length < maxCalls) {
    const sent: unknown = JSON.parse(
      JSON.stringify({ ...event, ...(hookDetails !== undefined && { hookDetails }) }),
    );
    const response: EcsHookResponse = JSON.parse(
      JSON.stringify(await handler(sent, makeContext(clock, timeoutSeconds))),
    );
    responses.push({ response, after: (clock.now() - start) / 1000 });
    if (response.hookStatus !== 'IN_PROGRESS') break;
    hookDetails = response.hookDetails ?? hookDetails;
    await clock.sleep((response.callBackDelay ?? 30) * 1000);
  }
  return responses;
}
