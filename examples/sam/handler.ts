import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';

/** The Lambda behind `Custom::ManagedListenerRule`, and behind the state machine that takes its long rollouts. */
export const handler = managedListenerRuleHandler({
  delegate: { stateMachineArn: process.env['STATE_MACHINE_ARN'] ?? '', steps: stepFunctionsHandler },
});
