import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/traffic/step-functions';
import { ArnFormat, type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

/** What a machine is made with. */
export interface ShiftStateMachineProps {
  readonly name: string;
  /** The function with the `stepFunctionsHandler`. */
  readonly steps: IFunction;
  /** Its time-out. */
  readonly stepTimeout: Duration;
  /**
   * The function that is told the end.
   * @default none
   */
  readonly report?: IFunction;
}

/** The state machine of the toolkit, with a role that can do what it does and no more. */
export class ShiftStateMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, { name, steps, stepTimeout, report }: ShiftStateMachineProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    for (const statement of permissions(stack, name, report === undefined ? [steps] : [steps, report])) {
      role.addToPolicy(statement);
    }
    const definition = stepFunctionsDefinition({
      functionArn: steps.functionArn,
      functionTimeoutSeconds: stepTimeout.toSeconds(),
      // The function's ARN is known when the stack is deployed.
      partition: stack.partition,
      ...(report && { report: report.functionArn }),
    });
    // No time-out: it would leave the traffic where it is. No log of the data: it may have CloudFormation's signed address.
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
      role,
      comment: definition.Comment,
    });
  }

  /** The ARN that a machine of this name has, for what the machine itself depends on. */
  static arnOf(stack: Stack, name: string): string {
    return statesArn(stack, 'stateMachine', name);
  }
}

/** To call the functions, and to go on as a new execution when the history grows long. */
function permissions(stack: Stack, name: string, functions: readonly IFunction[]): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [...new Set(functions)].map(({ functionArn }) => functionArn),
    }),
    new PolicyStatement({
      actions: ['states:StartExecution'],
      resources: [ShiftStateMachine.arnOf(stack, name)],
    }),
    new PolicyStatement({
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [statesArn(stack, 'execution', `${name}:*`)],
    }),
    new PolicyStatement({
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [
        stack.formatArn({
          service: 'events',
          resource: 'rule',
          resourceName: 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
        }),
      ],
    }),
  ];
}

function statesArn(stack: Stack, resource: string, resourceName: string): string {
  return stack.formatArn({
    service: 'states',
    resource,
    resourceName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
