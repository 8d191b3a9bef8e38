import type { HeldAt } from '../resumable/types.js';
import type { ApprovalByToken, DefinitionSettings } from './definition-options.js';
import { changeTask, integration, onError, type States, serviceRetry } from './states.js';

/** States that request an approval and apply the answer. */
export function approvalStates(settings: DefinitionSettings, approval: ApprovalByToken): States {
  return {
    AskForApproval: {
      Type: 'Task',
      ...approvalRequest(settings, approval),
      TimeoutSecondsPath: '$.approvalTimeoutSeconds',
      ResultPath: '$.answer',
      Retry: serviceRetry(),
      Catch: onError('NotApproved'),
      Next: 'TakeAnswer',
    },
    TakeAnswer: changeTask(settings, 'decide', { next: 'Decide', fails: 'RollBack' }),
    NotApproved: {
      Type: 'Pass',
      Parameters: { 'approval.$': '$.failure' },
      ResultPath: '$.failure',
      Next: 'RollBack',
    },
  };
}

function approvalRequest(settings: DefinitionSettings, approval: ApprovalByToken) {
  const question = {
    'taskToken.$': '$$.Task.Token',
    'execution.$': '$$.Execution.Id',
    'key.$': '$.heldAt.key',
    'detail.$': '$.heldAt.detail',
    'input.$': '$.input',
  };
  const by = (service: string, Parameters: object) => ({
    Resource: integration(settings, `${service}.waitForTaskToken`),
    Parameters,
  });
  if ('functionArn' in approval) {
    return by('lambda:invoke', { FunctionName: approval.functionArn, Payload: question });
  }
  return 'topicArn' in approval
    ? by('sns:publish', { TopicArn: approval.topicArn, Message: question })
    : by('sqs:sendMessage', { QueueUrl: approval.queueUrl, MessageBody: question });
}

/** Returns the time limit of a missing approval that the state machine requests: an approval that expires earlier limits it too. */
export function approvalTimeout(
  heldAt: HeldAt | undefined,
  seconds: number | undefined,
  now: number,
): number | undefined {
  if (heldAt === undefined || seconds === undefined) return undefined;
  const { expiresAt = Number.POSITIVE_INFINITY } = heldAt;
  return Math.max(1, Math.ceil(Math.min(seconds, (expiresAt - now) / 1000)));
}
