import { existsSync } from 'node:fs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { invalidInput } from '../core/errors.js';
import type { IamPolicyDocument } from '../core/policy-document.js';
import type { HandlerProps } from './function-props.js';
import { allowOwn, allowUser } from './policies.js';
import { explainDefaultPolicy } from './wildcards.js';

/** One function to create: its construct ID, its exported handler, and its settings. */
interface HandlerFunction {
  readonly id: string;
  readonly handler: string;
  readonly description: string;
  readonly functionName?: string;
}

/** Dependencies that all functions of a construct share. */
interface SharedByFunctions {
  readonly role: Role;
  readonly logGroup: LogGroup;
}

/** Settings of the functions, and what the construct adds. */
interface HandlerSettings {
  readonly props: HandlerProps;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Validates the settings of the functions together.
 *
 * @param variables - environment variables that the construct sets.
 * @throws InvalidInputError unless exactly one of `entry` and `code` is set, with the settings that belong to it, and `entry` exists.
 */
export function requireSource(
  subject: string,
  { entry, code, handlerFile, nodejs, environment = {} }: HandlerProps,
  variables: readonly string[] = [],
): void {
  const problem = (field: string, expected: string, actual: string) =>
    invalidInput(subject, { field, expected, actual });
  if (entry === undefined && code === undefined)
    throw problem('entry', 'the file with the handlers, or code in its place', 'neither');
  if (entry !== undefined && code !== undefined) throw problem('code', 'either entry or code', 'both');
  if (entry !== undefined && handlerFile !== undefined)
    throw problem('handlerFile', 'no value beside entry: the bundle is one file', 'a value');
  if (entry !== undefined && !existsSync(entry))
    throw problem('entry', `a file, relative to ${process.cwd()}`, `${entry}, which does not exist`);
  if (code !== undefined && nodejs !== undefined)
    throw problem('nodejs', 'no value beside code: nothing is bundled', 'a value');
  const taken = variables.find((name) => Object.hasOwn(environment, name));
  if (taken !== undefined)
    throw problem(`environment.${taken}`, 'no value: the construct sets this variable', 'a value');
}

/** Creates the role and the log of the functions of a construct. The role may only write that log, and what the policies allow. */
export function createRole(
  scope: Construct,
  props: HandlerProps,
  own: readonly IamPolicyDocument[],
): SharedByFunctions {
  const logGroup = new LogGroup(scope, 'Log', {
    retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // The CDK's default role has a policy of AWS that allows every log of the account.
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  allowOwn(role, own);
  allowUser(role, props.permissions ?? []);
  explainDefaultPolicy(role, props.tracing === Tracing.ACTIVE ? ['X-Ray'] : []);
  return { role, logGroup };
}

/** Creates one function. The CDK bundles functions with the same `entry` once. */
export function createFunction(
  scope: Construct,
  { id, handler, description, functionName }: HandlerFunction,
  { role, logGroup }: SharedByFunctions,
  { props, timeout, environment }: HandlerSettings,
): LambdaFunction {
  const common = {
    description,
    ...(functionName !== undefined && { functionName }),
    role,
    logGroup,
    timeout,
    environment: { ...props.environment, ...environment },
    memorySize: props.memorySize ?? 512,
    runtime: props.runtime ?? Runtime.NODEJS_24_X,
    architecture: props.architecture ?? Architecture.ARM_64,
    tracing: props.tracing ?? Tracing.DISABLED,
  };
  const { code, entry, handlerFile = 'index', nodejs } = props;
  if (code !== undefined)
    return new LambdaFunction(scope, id, { ...common, code, handler: `${handlerFile}.${handler}` });
  return new NodejsFunction(scope, id, {
    ...common,
    ...(entry !== undefined && { entry }),
    handler,
    ...nodejs,
    bundling: {
      // The version of the SDK that is installed with this package, and only the clients in use.
      bundleAwsSDK: true,
      mainFields: ['module', 'main'],
      logLevel: LogLevel.WARNING,
      ...nodejs?.bundling,
    },
  });
}

/** Maximum time-out of a Lambda function. */
export const maxTimeout = Duration.minutes(15);
