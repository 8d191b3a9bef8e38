import { Duration } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction, IVersion, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { invalidInput } from '../core/errors.js';
import type { ApprovalByToken, OwnTask } from '../step-functions/definition-options.js';
import { createFunction, createRole } from './handler-functions.js';
import { createMachine, machineNameOf } from './shift-machine.js';
import {
  requireMachineProps,
  type ShiftApproval,
  type ShiftTask,
  subject,
  type TrafficShiftStateMachineProps,
} from './shift-machine-props.js';
import { grantOwnKey } from './wildcards.js';

/** Names of the tasks of the user. */
const taskNames = ['preCheck', 'finish', 'cleanUp', 'report'] as const;

/**
 * The state machine of `stepFunctionsDefinition`, around the function of `stepFunctionsHandler`, exported as `handler`. Start an execution
 * for each shift. The machine calls the function, waits, and rolls back on any error, for up to a year.
 *
 * Its log has every state without its data. Create an alarm on `stateMachine.metricFailed()` and on `metricAborted()`: an execution that
 * is aborted leaves the weights as they are.
 *
 * @example
 * ```ts
 * import { Stack } from 'aws-cdk-lib';
 * import { TrafficShiftStateMachine } from 'aws-blue-green-toolkit/cdk';
 * import { iamPolicyFor } from 'aws-blue-green-toolkit/iam';
 *
 * const stack = new Stack();
 * const listenerRule = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/1/2/3';
 * new TrafficShiftStateMachine(stack, 'Shift', {
 *   entry: 'shift-traffic.ts',
 *   permissions: [
 *     iamPolicyFor(
 *       [
 *         'AlbListenerRuleTarget.readWeights',
 *         'AlbListenerRuleTarget.writeWeights',
 *         'AlbListenerRuleTarget.readHealth',
 *         'albTargetGroup5xxRate',
 *       ],
 *       { listenerRule },
 *     ),
 *   ],
 * });
 * ```
 */
export class TrafficShiftStateMachine extends Construct {
  /** The state machine. */
  readonly stateMachine: StateMachine;
  /** Role of the state machine. */
  readonly machineRole: Role;
  /** Function that runs one step of the change. */
  readonly function: IFunction;

  /** @throws InvalidInputError for a missing, malformed or unknown prop. */
  constructor(scope: Construct, id: string, props: TrafficShiftStateMachineProps) {
    super(scope, id);
    requireMachineProps(props);
    const { steps, timeout } = this.#functionOf(props);
    this.function = steps;
    const tasks = taskNames.flatMap((name) => props[name] ?? []);
    const { approval } = props;
    const functions = [
      ...tasks.filter(isFunction),
      ...(approval && 'function' in approval ? [approval.function] : []),
    ];
    const { stateMachine, role } = createMachine(this, {
      name: props.stateMachineName ?? machineNameOf(this),
      steps,
      timeout,
      functions,
      definition: {
        ...Object.fromEntries(taskNames.map((name) => [name, taskOf(props[name])])),
        ...(approval !== undefined && { approval: approvalOf(approval) }),
      },
      topicArn: approval && 'topic' in approval ? approval.topic.topicArn : undefined,
      queueArn: approval && 'queue' in approval ? approval.queue.queueArn : undefined,
      tracing: props.tracing === 'Active',
      logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
    });
    grantOwnKey(role, keyOf(approval), ['kms:Decrypt', 'kms:GenerateDataKey*']);
    this.stateMachine = stateMachine;
    this.machineRole = role;
  }

  #functionOf(props: TrafficShiftStateMachineProps): { steps: IFunction; timeout: Duration } {
    const { function: ready } = props;
    if (ready === undefined) {
      const timeout = props.timeout ?? Duration.minutes(2);
      const description = 'Runs one step of a traffic shift';
      const shared = createRole(this, props, []);
      const settings = { props, timeout, environment: {} };
      const steps = createFunction(
        this,
        { id: 'Function', handler: 'handler', description },
        shared,
        settings,
      );
      return { steps, timeout };
    }
    return { steps: ready, timeout: props.timeout ?? timeoutOf(ready) };
  }
}

/** @throws InvalidInputError for an imported function, and for one whose time-out is a token. */
function timeoutOf(ready: IFunction): Duration {
  const source = functionOf(ready);
  const { timeout } = source as Partial<LambdaFunction>;
  const problem = (expected: string, actual: string) =>
    invalidInput(subject, { field: 'timeout', expected, actual });
  if (timeout?.isUnresolved()) throw problem('a value: the time-out of the function is a token', 'nothing');
  if (timeout !== undefined) return timeout;
  // A function in CDK without a time-out has Lambda's default of 3 seconds. That of an imported one is not known.
  if (source.node.defaultChild !== undefined) return Duration.seconds(3);
  throw problem('the time-out of the imported function', 'nothing');
}

/** Returns the function of a version or an alias. They have its time-out, and no property for it. */
function functionOf(ready: IFunction): IFunction {
  const { lambda, version } = ready as IFunction & { lambda?: IFunction; version?: string | IVersion };
  return lambda ?? (typeof version === 'object' ? version.lambda : ready);
}

function isFunction(value: ShiftTask): value is IFunction {
  return 'functionArn' in value;
}

function taskOf(value: ShiftTask | undefined): OwnTask | undefined {
  return value !== undefined && isFunction(value) ? value.functionArn : value;
}

/** Returns the KMS key of the topic or the queue. Its sender needs it. */
function keyOf(approval: ShiftApproval | undefined): IKey | undefined {
  if (approval === undefined || 'function' in approval) return undefined;
  return 'topic' in approval ? approval.topic.masterKey : approval.queue.encryptionMasterKey;
}

function approvalOf(approval: ShiftApproval): ApprovalByToken {
  const timeoutSeconds = approval.timeout.toSeconds();
  if ('function' in approval) return { functionArn: approval.function.functionArn, timeoutSeconds };
  if ('topic' in approval) return { topicArn: approval.topic.topicArn, timeoutSeconds };
  return { queueUrl: approval.queue.queueUrl, timeoutSeconds };
}
