import { type IamPolicyDocument, iamPolicyFor } from 'aws-blue-green-toolkit/iam';
import { ArnFormat, type Stack } from 'aws-cdk-lib';

/*
 * Permissions of the plan's steps, and of the shift's target and checks. The constructs add those of the hooks, the switch, the record
 * and the state machine.
 */

/** Allows the steps of the swap on both stacks of an application. */
export function swapSteps(stack: Stack, application: string): IamPolicyDocument {
  const arnOf = (service: string, resource: string, resourceName: string) =>
    stack.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return iamPolicyFor(
    [
      'AuroraTools.startDatabase',
      'AuroraTools.stopDatabase',
      'SnsTools.enableSubscription',
      'SnsTools.disableSubscription',
      'LambdaTools.enableEventMapping',
      'LambdaTools.disableEventMapping',
      'CloudWatchTools.enableAlarmsActions',
      'CloudWatchTools.disableAlarmsActions',
    ],
    {
      dbCluster: arnOf('rds', 'cluster', `${application}-*`),
      function: arnOf('lambda', 'function', `${application}-ingest-*`),
      alarm: arnOf('cloudwatch', 'alarm', `${application}-*`),
      // AWS chooses their IDs, so a condition of the policy names their function.
      eventSourceMapping: arnOf('lambda', 'event-source-mapping', '*'),
    },
    // The stacks are two functions, not two aliases of one.
    { without: ['alias'] },
  );
}

/** Allows shifting the traffic of a rule and evaluating the checks. */
export function shiftRule(listenerRule: string): IamPolicyDocument {
  return iamPolicyFor(
    [
      'AlbListenerRuleTarget.readWeights',
      'AlbListenerRuleTarget.writeWeights',
      'AlbListenerRuleTarget.readHealth',
      'albTargetGroup5xxRate',
      'cloudWatchAlarms',
    ],
    { listenerRule },
  );
}
