import type { RolloutEvent, RolloutPhase } from 'aws-blue-green-toolkit/ecs-rollout';
import { Listr } from 'listr2';

/** Prints a rollout while it runs. */
export interface RolloutView {
  event(event: RolloutEvent): void;
  /** Called after the last event. */
  close(): Promise<void>;
}

/** The commands of `rollout.ts`. */
export type RolloutCommand = 'up' | 'rollout';

const titles: Readonly<Record<RolloutPhase, string>> = {
  prepare: 'Read the service',
  registerTaskDefinition: 'Register the task definition',
  createService: 'Create the service',
  startCanary: 'Start the canary',
  containerHealth: "Wait for the canary's container health checks",
  targetHealth: 'Wait until the canary is healthy in every target group',
  observe: 'Observe the canary',
  updateService: 'Update the service',
  serviceStable: 'Wait until the service is stable',
  cleanUp: 'Deregister, drain and stop the canary',
};

const phasesOf: Readonly<Record<RolloutCommand, readonly RolloutPhase[]>> = {
  up: ['prepare', 'registerTaskDefinition', 'createService', 'serviceStable'],
  rollout: [
    'prepare',
    'registerTaskDefinition',
    'startCanary',
    'containerHealth',
    'targetHealth',
    'observe',
    'updateService',
    'serviceStable',
    'cleanUp',
  ],
};

/** One line for each event, for a pipe or a log. */
export function plainView(print: (line: string) => void = console.log): RolloutView {
  let startedAt: number | undefined;
  return {
    event(event) {
      startedAt ??= event.at;
      print(describeEvent(event, startedAt));
    },
    close: async () => {},
  };
}

/** A list of the phases with a spinner at the current one, and below it the last event, for a terminal. */
export function liveView(command: RolloutCommand, { silent = false } = {}): RolloutView {
  const phases = phasesOf[command].map((phase) => ({ phase, ...deferred<PhaseEnd>() }));
  let current: RolloutPhase | undefined;
  let startedAt: number | undefined;
  let show: (words: string) => void = () => {};
  const endPhasesBefore = (next: RolloutPhase | undefined, ofCurrent: PhaseEnd) => {
    for (const { phase, resolve } of phases) {
      if (phase === next) return;
      resolve(phase === current ? ofCurrent : 'skipped');
    }
  };

  const list = new Listr(
    phases.map(({ phase, promise }) => ({
      title: titles[phase],
      task: async (_, task) => {
        show = (words) => {
          task.output = words;
        };
        const end = await promise;
        // Marks the row of a phase that did not run: without a load balancer a rollout waits for no target.
        if (end === 'skipped') task.skip();
        if (end === 'failed') throw new Error(titles[phase]);
      },
    })),
    { exitOnError: false, silentRendererCondition: silent, rendererOptions: { showErrorMessage: false } },
  );
  const shown = list.run();
  let isStable = false;
  return {
    event(event) {
      startedAt ??= event.at;
      if (event.type === 'serviceStable') isStable = true;
      if (event.type === 'phaseStarted') {
        // A cleanup before the service is stable follows a failure.
        endPhasesBefore(event.phase, event.phase === 'cleanUp' && !isStable ? 'failed' : 'done');
        current = event.phase;
      } else if (event.type === 'failed') {
        endPhasesBefore(undefined, event.phase === current ? 'failed' : 'done');
      } else {
        show(describeEvent(event, startedAt));
      }
    },
    async close() {
      endPhasesBefore(undefined, 'done');
      await shown;
    },
  };
}

type PhaseEnd = 'done' | 'failed' | 'skipped';

/** Formats an event as a line that begins with the time since the start. */
export function describeEvent(event: RolloutEvent, startedAt: number): string {
  return `${new Date(event.at - startedAt).toISOString().slice(11, 19)}  ${eventInWords(event)}`;
}

/** Describes an event, without its time. */
export function eventInWords(event: RolloutEvent): string {
  switch (event.type) {
    case 'phaseStarted':
      return `▶ ${titles[event.phase]}`;
    case 'leftoverFound':
      return `  found the canary ${lastPart(event.taskArn)} of an earlier run: cleaning it up`;
    case 'taskDefinitionReady':
      return `  ${lastPart(event.taskDefinition)} is ${event.registered ? 'registered' : 'already registered'}`;
    case 'serviceCreated':
      return `  created: ${lastPart(event.serviceArn)}`;
    case 'featuresUntried':
      return `  the canary runs without ${event.features.join(', ')}`;
    case 'canaryStarted':
      return `  started: ${lastPart(event.taskArn)}`;
    case 'canaryChanged':
      return `  canary: ${event.status}, health ${event.health}`;
    case 'canaryRegistered':
      return `  registered: ${event.targetId}:${event.port} with ${groupName(event.targetGroupArn)}`;
    case 'targetHealthChanged':
      return `  ${groupName(event.targetGroupArn)}: ${event.state}${event.detail ? ` (${event.detail})` : ''}`;
    case 'checkEvaluated':
      return `  ${event.check}: ${event.result.outcome}, ${event.result.detail}`;
    case 'serviceUpdated':
      return `  updated: ${lastPart(event.from)} → ${lastPart(event.to)}`;
    case 'serviceChanged':
      return `  service: ${event.detail}`;
    case 'serviceStable':
      return `✔ stable: ${event.runningCount} tasks run ${lastPart(event.taskDefinition)}`;
    case 'rollingBack':
      return `✖ rolling back to ${lastPart(event.to)}: ${event.reason}`;
    case 'rolledBack':
      return `✔ rolled back: ${lastPart(event.taskDefinition)}`;
    case 'canaryDeregistered':
      return `  deregistered from ${groupName(event.targetGroupArn)}`;
    case 'canaryStopped':
      return `✔ stopped: ${lastPart(event.taskArn)}`;
    case 'succeeded':
      return `✔ succeeded: the service runs ${lastPart(event.taskDefinition)}`;
    case 'failed':
      return `✖ failed: ${event.reason}; the service is ${event.serviceIntact ? 'intact' : 'not known to be stable'}`;
  }
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** `targetgroup/NAME/ID` at the end of an ARN. */
function groupName(arn: string): string {
  return arn.split('/').at(-2) ?? arn;
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
