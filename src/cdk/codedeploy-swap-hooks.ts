import { CfnOutput, Names, Stack } from 'aws-cdk-lib';
import type { IEcsDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { Grant, type IGrantable, type Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import * as v from 'valibot';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { strictObject } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import { iamPolicyFor } from '../iam/iam-policy-for.js';
import { type TimedHandlerProps, timedHandlerEntries } from './function-props.js';
import { createFunction, createRole, maxTimeout, requireSource } from './handler-functions.js';
import { slashArn, stablePolicy } from './policies.js';
import { cdkObject, nameLike, resourceName } from './props.js';
import {
  grantKeyToOwn,
  recordSchema,
  recordVariables,
  type SwapRecordTable,
  tableVariable,
} from './swap-access.js';
import { addTriggers } from './tick.js';

/** Props of {@link CodeDeploySwapHooks}. */
export interface CodeDeploySwapHooksProps extends TimedHandlerProps {
  /** Table of the swap's record. The functions get its name in the environment variable `SWAP_TABLE_NAME`. */
  readonly record: SwapRecordTable;
  /** Deployment group whose deployments run the hooks. */
  readonly deploymentGroup: IEcsDeploymentGroup;
  /** Name of the cluster, as in `codeDeploySwitch`. */
  readonly cluster: string;
  /** Name of the service, as in `codeDeploySwitch`. */
  readonly service: string;
  /**
   * Start of the function names after `CodeDeployHook_`, at most 24 characters.
   * @default the path of the construct
   */
  readonly functionNamePrefix?: string | undefined;
}

/** Lifecycle event of CodeDeploy with a hook of the swap. */
export type CodeDeployHookEvent =
  | 'BeforeInstall'
  | 'AfterInstall'
  | 'AfterAllowTestTraffic'
  | 'BeforeAllowTraffic'
  | 'AfterAllowTraffic';

/** Lifecycle events of CodeDeploy with a hook of the swap, each with its handler. */
const hookEvents = {
  BeforeInstall: { handler: 'beforeInstall', name: 'before-install', work: 'Prepares the incoming stack' },
  AfterInstall: {
    handler: 'afterInstall',
    name: 'after-install',
    work: 'Waits until the changes are in effect',
  },
  AfterAllowTestTraffic: {
    handler: 'afterAllowTestTraffic',
    name: 'after-allow-test-traffic',
    work: 'Tests the incoming stack',
  },
  BeforeAllowTraffic: {
    handler: 'beforeAllowTraffic',
    name: 'before-allow-traffic',
    work: 'Verifies that everything still holds',
  },
  AfterAllowTraffic: {
    handler: 'afterAllowTraffic',
    name: 'after-allow-traffic',
    work: 'Verifies the traffic',
  },
} as const satisfies Record<CodeDeployHookEvent, object>;

const events = Object.keys(hookEvents) as CodeDeployHookEvent[];

const propsSchema = strictObject({
  record: recordSchema,
  deploymentGroup: cdkObject<IEcsDeploymentGroup>(
    'an EcsDeploymentGroup of aws-cdk-lib/aws-codedeploy',
    'deploymentGroupArn',
    'application',
  ),
  cluster: resourceName,
  service: resourceName,
  functionNamePrefix: v.optional(
    nameLike(/^[\w-]{1,24}$/, '1 to 24 letters, digits, hyphens or underscores'),
  ),
  ...timedHandlerEntries,
});

/**
 * The functions of `codeDeploySwapHooks`: one for each lifecycle event, and `deploymentEnded` with its two triggers, the event of the
 * deployment and a schedule of 5 minutes. All of them share one role and one log.
 *
 * The names begin with `CodeDeployHook_`, because the managed policies of CodeDeploy allow it no other function. The output
 * `AppSpecHooks` has them as the `Hooks` of an AppSpec file. CodeDeploy ends the outgoing stack after the deployment group's termination
 * wait, which is the time to roll back.
 *
 * @example
 * ```ts
 * import { Stack } from 'aws-cdk-lib';
 * import { EcsApplication, EcsDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
 * import { CodeDeploySwapHooks, StackSwapRecord } from 'aws-blue-green-toolkit/cdk';
 *
 * const stack = new Stack();
 * const record = new StackSwapRecord(stack, 'SwapRecord');
 * const deploymentGroup = EcsDeploymentGroup.fromEcsDeploymentGroupAttributes(stack, 'Group', {
 *   application: EcsApplication.fromEcsApplicationName(stack, 'Application', 'orders'),
 *   deploymentGroupName: 'web',
 * });
 * new CodeDeploySwapHooks(stack, 'Hooks', {
 *   record,
 *   deploymentGroup,
 *   cluster: 'orders',
 *   service: 'web',
 *   entry: 'hooks.ts',
 * });
 * ```
 */
export class CodeDeploySwapHooks extends Construct {
  /** Function of each lifecycle event. */
  readonly functions: Readonly<Record<CodeDeployHookEvent, LambdaFunction>>;
  /** Function that retires the outgoing stack, or undoes the changes. Create an alarm on its errors. */
  readonly deploymentEnded: LambdaFunction;
  /** Role of all functions. */
  readonly role: Role;
  /** The `Hooks` of the AppSpec file: the function of each event, by name. */
  readonly appSpecHooks: readonly Readonly<Record<string, string>>[];

  /** @throws InvalidInputError for a missing, malformed or unknown prop. */
  constructor(scope: Construct, id: string, props: CodeDeploySwapHooksProps) {
    super(scope, id);
    const subject = 'CodeDeploySwapHooks props';
    const parsed = parseInput(subject, propsSchema, props);
    requireSource(subject, props, [tableVariable]);
    const shared = createRole(this, props, [codeDeployPolicy(Stack.of(this), props)]);
    grantKeyToOwn(shared.role, props.record);
    const settings = {
      props,
      timeout: props.timeout ?? maxTimeout,
      environment: recordVariables(props.record),
    };
    const prefix = parsed.functionNamePrefix ?? uniquePrefix(this);
    const create = (handler: string, name: string, description: string) =>
      createFunction(
        this,
        { id: capitalized(handler), handler, description, functionName: `CodeDeployHook_${prefix}-${name}` },
        shared,
        settings,
      );
    const functions = events.map((event) => {
      const { handler, name, work } = hookEvents[event];
      return [event, create(handler, name, work)] as const;
    });
    this.functions = Object.fromEntries(functions) as Record<CodeDeployHookEvent, LambdaFunction>;
    this.deploymentEnded = create('deploymentEnded', 'deployment-ended', 'Ends a swap after its deployment');
    this.role = shared.role;
    this.appSpecHooks = events.map((event) => ({
      [event]: `CodeDeployHook_${prefix}-${hookEvents[event].name}`,
    }));
    addTriggers(this, this.deploymentEnded, {
      source: ['aws.codedeploy'],
      detailType: ['CodeDeploy Deployment State-change Notification'],
      detail: {
        application: [props.deploymentGroup.application.applicationName],
        deploymentGroup: [props.deploymentGroup.deploymentGroupName],
      },
    });
    new CfnOutput(this, 'AppSpecHooks', {
      description: 'Hooks of the AppSpec file',
      value: Stack.of(this).toJsonString(this.appSpecHooks),
    });
  }

  /** Allows a role to run the hooks. Needed by a service role of your own; the managed policies of CodeDeploy have it. */
  grantInvoke(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['lambda:InvokeFunction'],
      resourceArns: events.map((event) => this.functions[event].functionArn),
    });
  }
}

/** Policy of the hooks, the switch and the record. */
function codeDeployPolicy(
  stack: Stack,
  { record, deploymentGroup, cluster, service }: CodeDeploySwapHooksProps,
): IamPolicyDocument {
  return stablePolicy(
    {
      codeDeployApplication: deploymentGroup.application.applicationArn,
      deploymentGroup: deploymentGroup.deploymentGroupArn,
      service: slashArn(stack, 'ecs', 'service', `${cluster}/${service}`),
      table: record.tableArn,
    },
    (arns) =>
      iamPolicyFor(
        ['codeDeploySwapHooks', 'codeDeploySwitch', 'DynamoSwapRecord.read', 'DynamoSwapRecord.write'],
        arns,
      ),
  );
}

function uniquePrefix(construct: Construct): string {
  return Names.uniqueResourceName(construct, { maxLength: 24, separator: '-' });
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
