import type { MethodPermissions } from '../core/permissions.js';

const invoking = {
  why: 'Step Functions makes the call, with the role of the state machine',
  source: 'https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html',
} as const;
const nesting = {
  ...invoking,
  source: 'https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html',
} as const;
const managedRule = {
  resources: ['stepFunctionsRule'],
  when: 'continuation',
  notCalled: nesting,
} as const;

/** IAM actions of the state machine's role, and of the handler's function. */
export const stepFunctionsPermissions = {
  stepFunctionsDefinition: [
    { action: 'lambda:InvokeFunction', resources: ['function'], notCalled: invoking },
    {
      action: 'states:StartExecution',
      resources: ['stateMachine'],
      when: 'continuation',
      notCalled: nesting,
    },
    {
      action: 'states:DescribeExecution',
      resources: ['execution'],
      when: 'continuation',
      notCalled: nesting,
    },
    { action: 'states:StopExecution', resources: ['execution'], when: 'continuation', notCalled: nesting },
    { action: 'events:PutRule', ...managedRule },
    { action: 'events:PutTargets', ...managedRule },
    { action: 'events:DescribeRule', ...managedRule },
    {
      action: 'sns:Publish',
      resources: ['approvalTopic'],
      when: 'approvalTopic',
      notCalled: {
        ...invoking,
        source: 'https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html',
      },
    },
    {
      action: 'sqs:SendMessage',
      resources: ['approvalQueue'],
      when: 'approvalQueue',
      notCalled: {
        ...invoking,
        source: 'https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html',
      },
    },
  ],
  stepFunctionsHandler: [],
} as const satisfies MethodPermissions;
