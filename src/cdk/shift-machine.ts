import { type Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type Role, Role as RoleClass, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { iamPolicyFor } from '../iam/iam-policy-for.js';
import type { StepFunctionsDefinitionOptions } from '../step-functions/definition-options.js';
import { stepFunctionsDefinition } from '../step-functions/step-functions-definition.js';
import { allowOwn, colonArn, slashArn, stablePolicy } from './policies.js';
import { explainDefaultPolicy } from './wildcards.js';

/** Settings of a state machine. */
interface MachineSettings {
  readonly name: string;
  readonly steps: IFunction;
  readonly timeout: Duration;
  /** Functions that the machine calls besides `steps`. */
  readonly functions?: readonly IFunction[];
  readonly definition?: Pick<
    StepFunctionsDefinitionOptions,
    'preCheck' | 'finish' | 'cleanUp' | 'report' | 'approval'
  >;
  readonly topicArn?: string | undefined;
  readonly queueArn?: string | undefined;
  readonly tracing: boolean;
  readonly logRetention: RetentionDays;
}

/** A state machine with its role. */
export interface ShiftMachine {
  readonly stateMachine: StateMachine;
  readonly role: Role;
}

/** Returns a name of a state machine that is unique in its account and Region. */
export function machineNameOf(scope: Construct): string {
  return Names.uniqueResourceName(scope, { maxLength: 60, separator: '-' });
}

/** Creates the state machine of `stepFunctionsDefinition`, with a least-privilege role and a log without the data of executions. */
export function createMachine(scope: Construct, settings: MachineSettings): ShiftMachine {
  const { name, steps, timeout, definition: options, tracing, logRetention } = settings;
  const stack = Stack.of(scope);
  const role = new RoleClass(scope, 'MachineRole', {
    assumedBy: new ServicePrincipal('states.amazonaws.com'),
  });
  allowOwn(role, [machinePolicy(stack, settings)]);
  const definition = stepFunctionsDefinition({
    functionArn: steps.functionArn,
    functionTimeoutSeconds: timeout.toSeconds(),
    // The ARN of the function is a token until the stack is deployed.
    partition: stack.partition,
    ...options,
  });
  // No time-out: it would leave the weights as they are. No data in the log: it may have the signed URL of CloudFormation.
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    stateMachineName: name,
    definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
    role,
    comment: definition.Comment,
    tracingEnabled: tracing,
    logs: {
      destination: new LogGroup(scope, 'MachineLog', {
        // With this prefix Step Functions needs no entry of its own in the log's resource policy, whose size AWS limits.
        logGroupName: `/aws/vendedlogs/states/${name}`,
        retention: logRetention,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      level: LogLevel.ALL,
      includeExecutionData: false,
    },
  });
  explainDefaultPolicy(role, ['delivery of logs', ...(tracing ? ['X-Ray'] : [])]);
  return { stateMachine, role };
}

/** Returns the ARN of a state machine by its name, for a function that starts it and that it calls. */
export function machineArnOf(stack: Stack, name: string): string {
  return colonArn(stack, 'states', 'stateMachine', name);
}

function machinePolicy(
  stack: Stack,
  { name, steps, functions = [], topicArn, queueArn }: MachineSettings,
): IamPolicyDocument {
  const rule = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';
  const without = [
    ...(topicArn === undefined ? (['approvalTopic'] as const) : []),
    ...(queueArn === undefined ? (['approvalQueue'] as const) : []),
  ];
  return stablePolicy(
    {
      function: [...new Set([steps, ...functions].map(({ functionArn }) => functionArn))],
      execution: colonArn(stack, 'states', 'execution', `${name}:*`),
      stateMachine: machineArnOf(stack, name),
      stepFunctionsRule: slashArn(stack, 'events', 'rule', rule),
      approvalTopic: topicArn ?? '*',
      approvalQueue: queueArn ?? '*',
    },
    (arns) => iamPolicyFor(['stepFunctionsDefinition'], arns, { without }),
  );
}
