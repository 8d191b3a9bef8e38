import { managedListenerRuleHandler } from 'aws-blue-green-toolkit/custom-resource';
import { stepFunctionsHandler } from 'aws-blue-green-toolkit/traffic/step-functions';

/** The Lambda behind `Custom::ManagedListenerRule`, and behind the state machine that takes its long rollouts. */
export const handler = managedListenerRuleHandler({
  handOver: { stateMachineArn: process.env['STATE_MACHINE_ARN'] ?? '', steps: stepFunctionsHandler },
});
