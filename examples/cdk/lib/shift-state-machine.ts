import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';
import { type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { allow, runShifts } from './permissions.js';

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
    const functionArns = [steps, ...(report ? [report] : [])].map(({ functionArn }) => functionArn);
    allow(role, [runShifts(stack, name, functionArns)]);
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
}
