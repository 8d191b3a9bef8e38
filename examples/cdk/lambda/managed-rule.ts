import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { variable } from './environment.js';

/** Handler of the custom resource, and of the state machine for its long rollouts. */
export const handler = managedListenerRuleHandler({
  delegate: { stateMachineArn: variable('STATE_MACHINE_ARN'), steps: stepFunctionsHandler },
});
