import type { Duration } from 'aws-cdk-lib';
import type { Architecture, Code, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import type { NodejsFunctionProps } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as v from 'valibot';
import type { IamPolicyDocument } from '../core/policy-document.js';
import { objectWithKeys } from '../core/schemas.js';
import { withoutUndefined } from '../core/without-undefined.js';
import { cdkObject, durationFrom, integerFrom, nameLike, policyDocuments } from './props.js';

/** Settings of the functions of a construct. Set either `entry` or `code`. */
export interface HandlerProps {
  /**
   * TypeScript or JavaScript file that exports the handlers, relative to the working folder. The CDK bundles it with the AWS SDK. Needs
   * `esbuild` in your project, or Docker.
   * @default none: `code` is set
   */
  readonly entry?: string | undefined;
  /**
   * Bundled code, such as `Code.fromAsset('dist')`.
   * @default none: `entry` is set
   */
  readonly code?: Code | undefined;
  /**
   * File with the handlers within `code`, without its extension. Only with `code`.
   * @default 'index'
   */
  readonly handlerFile?: string | undefined;
  /**
   * Settings of the bundling, and folders of the project. Only with `entry`.
   * @default the AWS SDK is bundled; the lock file is the nearest one
   */
  readonly nodejs?: Pick<NodejsFunctionProps, 'bundling' | 'depsLockFilePath' | 'projectRoot'> | undefined;
  /**
   * Environment variables of the functions.
   * @default only those that the construct sets
   */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /**
   * Policies for your own steps, targets and checks, from `iamPolicyFor`. The construct adds those of its own calls.
   * @default none
   */
  readonly permissions?: readonly IamPolicyDocument[] | undefined;
  /**
   * Memory of each function in MiB, 128 to 10,240.
   * @default 512
   */
  readonly memorySize?: number | undefined;
  /**
   * Runtime of the functions.
   * @default Node.js 24
   */
  readonly runtime?: Runtime | undefined;
  /**
   * Instruction set of the functions.
   * @default arm64
   */
  readonly architecture?: Architecture | undefined;
  /**
   * Tracing with AWS X-Ray. `ACTIVE` adds the two permissions for it.
   * @default no tracing
   */
  readonly tracing?: Tracing | undefined;
  /**
   * Days for which the log is kept. It is deleted with the stack.
   * @default 3 months
   */
  readonly logRetention?: RetentionDays | undefined;
}

/** Settings of the functions, with the time-out. */
export interface TimedHandlerProps extends HandlerProps {
  /**
   * Time-out of each function, 3 seconds to 15 minutes.
   * @default 15 minutes
   */
  readonly timeout?: Duration | undefined;
}

/** Schema entries of {@link HandlerProps}. */
export const handlerEntries = {
  entry: v.optional(nameLike(/\.[cm]?[jt]sx?$/, 'a TypeScript or JavaScript file')),
  code: v.optional(cdkObject<Code>('Code of aws-cdk-lib/aws-lambda', 'bind')),
  handlerFile: v.optional(nameLike(/^[\w./-]+$/, 'the path of a file without its extension')),
  nodejs: v.optional(objectWithKeys<object>(['bundling', 'depsLockFilePath', 'projectRoot'])),
  environment: v.optional(v.record(nameLike(/^[a-zA-Z]\w+$/, 'the name of a variable'), v.string())),
  permissions: v.optional(policyDocuments),
  memorySize: v.optional(integerFrom(128, 10_240)),
  runtime: v.optional(cdkObject<Runtime>('a Runtime of aws-cdk-lib/aws-lambda', 'family')),
  architecture: v.optional(
    cdkObject<Architecture>('an Architecture of aws-cdk-lib/aws-lambda', 'dockerPlatform'),
  ),
  tracing: v.optional(v.picklist(['Active', 'PassThrough', 'Disabled'])),
  logRetention: v.optional(integerFrom(1, 9999)),
};

/** Schema entries of {@link TimedHandlerProps}. */
export const timedHandlerEntries = { ...handlerEntries, timeout: v.optional(durationFrom(3, 900)) };

/** Returns the settings of the functions that the props of a construct set. */
export function handlerPropsOf(props: TimedHandlerProps): TimedHandlerProps {
  const names = Object.keys(timedHandlerEntries) as (keyof TimedHandlerProps)[];
  return withoutUndefined<TimedHandlerProps>(Object.fromEntries(names.map((name) => [name, props[name]])));
}
