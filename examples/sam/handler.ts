import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';

/** Handler of `Custom::ManagedListenerRule`, and of the state machine for its long rollouts. */
export const handler = managedListenerRuleHandler({
  delegate: { stateMachineArn: process.env['STATE_MACHINE_ARN'] ?? '', steps: stepFunctionsHandler },
});
