import { outcomeOf } from '../checks/check-sections.js';
import type { RolloutEventPart } from '../input/rollout-schema.js';
import { nameOf } from '../page/name-of.js';

/** Names of the phases for people. */
export const phaseNames: Readonly<Record<string, string>> = {
  prepare: 'Prepare',
  registerTaskDefinition: 'Register the task definition',
  createService: 'Create the service',
  startCanary: 'Start the canary',
  containerHealth: 'Health of the canary’s containers',
  targetHealth: 'Health of the canary’s targets',
  observe: 'Observe the canary',
  updateService: 'Update the service',
  serviceStable: 'Wait for a stable service',
  cleanUp: 'Clean up',
};

/** Describes an event of a rollout. */
export function rolloutEventInWords(event: RolloutEventPart): string {
  switch (event.type) {
    case 'phaseStarted':
      return `Phase: ${nameOf(phaseNames, event.phase)}`;
    case 'leftoverFound':
      return `Found the canary of an earlier run: ${event.taskArn}`;
    case 'taskDefinitionReady':
      return `${event.registered ? 'Registered' : 'Found'} the task definition ${event.taskDefinition}`;
    case 'serviceCreated':
      return `Created the service ${event.serviceArn}`;
    case 'featuresUntried':
      return `The canary runs without ${event.features.join(', ')}`;
    case 'canaryStarted':
      return `Started the canary ${event.taskArn}`;
    case 'canaryChanged':
      return `The canary is ${event.status}, its health ${event.health}`;
    case 'canaryRegistered':
      return `Registered the canary ${event.targetId}:${event.port} with ${event.targetGroupArn}`;
    case 'targetHealthChanged':
      return `The canary is ${event.state} in ${event.targetGroupArn}${event.detail === undefined ? '' : `: ${event.detail}`}`;
    case 'checkEvaluated':
      return `${event.check} ${outcomeOf(event)}: ${event.result.detail}`;
    case 'serviceUpdated':
      return `Updated the service from ${event.from} to ${event.to}`;
    default:
      return endInWords(event);
  }
}

type LateEvent = Extract<
  RolloutEventPart,
  {
    type:
      | 'serviceChanged'
      | 'serviceStable'
      | 'rollingBack'
      | 'rolledBack'
      | 'canaryDeregistered'
      | 'canaryStopped'
      | 'succeeded'
      | 'failed';
  }
>;

function endInWords(event: LateEvent): string {
  switch (event.type) {
    case 'serviceChanged':
      return `Deployments of the service: ${event.detail}`;
    case 'serviceStable':
      return `The service is stable with ${event.taskDefinition}, ${event.runningCount} running`;
    case 'rollingBack':
      return `Rolling back the service to ${event.to}: ${event.reason}`;
    case 'rolledBack':
      return `Rolled back the service to ${event.taskDefinition}`;
    case 'canaryDeregistered':
      return `Deregistered the canary from ${event.targetGroupArn}`;
    case 'canaryStopped':
      return `Stopped the canary ${event.taskArn}`;
    case 'succeeded':
      return `Succeeded: the service runs ${event.taskDefinition}`;
    case 'failed':
      return `Failed in the phase “${nameOf(phaseNames, event.phase)}”: ${event.reason}`;
  }
}
