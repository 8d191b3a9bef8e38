import { stepFunctionsDefinition } from 'aws-blue-green-toolkit/step-functions';
import { type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { allow, runShifts } from './permissions.js';

/** Properties of {@link ShiftStateMachine}. */
export interface ShiftStateMachineProps {
  readonly name: string;
  /** The function with the `stepFunctionsHandler`. */
  readonly steps: IFunction;
  /** Its time-out. */
  readonly stepTimeout: Duration;
  /**
   * Function that gets the end of each execution.
   * @default none
   */
  readonly report?: IFunction;
}

/** The state machine of the toolkit, with a least-privilege role. */
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
      // The function's ARN is a token until the stack is deployed.
      partition: stack.partition,
      ...(report && { report: report.functionArn }),
    });
    // No time-out: it would leave the weights unchanged. No log of the data: it can contain CloudFormation's signed URL.
    this.stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: name,
      definitionBody: DefinitionBody.fromString(stack.toJsonString(definition)),
      role,
      comment: definition.Comment,
    });
  }
}
