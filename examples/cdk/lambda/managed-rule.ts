import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { variable } from './orders.js';

/** Behind the custom resource, and behind the state machine that takes its long rollouts. */
export const handler = managedListenerRuleHandler({
  delegate: { stateMachineArn: variable('STATE_MACHINE_ARN'), steps: stepFunctionsHandler },
});
