import {
  type AliasConfiguration,
  type FunctionConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  type LambdaClient,
  paginateListAliases,
  paginateListVersionsByFunction,
} from '@aws-sdk/client-lambda';
import { type CallOptions, callAws, collectPages, requireField } from '../core/aws-call.js';
import { requireFound } from '../core/not-found.js';
import { qualifiedName } from './function-names.js';
import type { LambdaStackOptions } from './types.js';

/** @throws ResourceNotFoundError when the function or the alias does not exist. */
export function readAlias(
  lambda: LambdaClient,
  functionName: string,
  name: string,
  { signal }: CallOptions,
): Promise<AliasConfiguration> {
  const call = { action: 'lambda:GetAlias', resource: `${functionName}:${name}`, signal };
  const command = new GetAliasCommand({ FunctionName: functionName, Name: name });
  return ofExisting({ functionName, alias: name }, () => callAws(call, (http) => lambda.send(command, http)));
}

/** @throws ResourceNotFoundError when the function does not exist. */
export function readFunction(
  lambda: LambdaClient,
  functionName: string,
  { signal }: CallOptions,
): Promise<FunctionConfiguration> {
  const call = { action: 'lambda:GetFunctionConfiguration', resource: functionName, signal };
  const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
  return ofExisting({ functionName }, () => callAws(call, (http) => lambda.send(command, http)));
}

/**
 * Requires that the stack's function exists, and its alias if it has one.
 *
 * @throws ResourceNotFoundError
 */
export async function requireFunction(
  lambda: LambdaClient,
  stack: LambdaStackOptions,
  options: CallOptions,
): Promise<void> {
  const { functionName, alias } = stack;
  if (alias === undefined) await readFunction(lambda, functionName, options);
  else await readAlias(lambda, functionName, alias, options);
}

/**
 * Finds the ARNs by which a rule may target the stack's function. EventBridge finds the rules of exactly one ARN, so all of
 * them are asked for. They come from Lambda, because an ARN put together from a name would be wrong in another partition,
 * Region or account. An alias has one ARN. A function has its own, that of `$LATEST`, and those of its versions and aliases;
 * the latter belong to neither stack alone when the partner is the same function.
 *
 * @throws ResourceNotFoundError when the function or the alias does not exist.
 */
export async function targetArns(
  lambda: LambdaClient,
  stack: LambdaStackOptions,
  { partner, ...options }: CallOptions & { readonly partner: LambdaStackOptions },
): Promise<string[]> {
  const { functionName, alias } = stack;
  const isShared = functionName === partner.functionName;
  if (alias !== undefined) return [await aliasArn(lambda, functionName, alias, options)];
  const [arn, versions, aliases] = await ofExisting(stack, () =>
    Promise.all([
      functionArn(lambda, functionName, options),
      isShared ? [] : versionArns(lambda, functionName, options),
      isShared ? [] : aliasArns(lambda, functionName, options),
    ]),
  );
  return [...new Set([arn, `${arn}:$LATEST`, ...versions, ...aliases])];
}

async function functionArn(lambda: LambdaClient, functionName: string, options: CallOptions) {
  const { FunctionArn } = await readFunction(lambda, functionName, options);
  const call = { action: 'lambda:GetFunctionConfiguration', resource: functionName };
  return requireField(FunctionArn, 'FunctionArn', call);
}

async function aliasArn(lambda: LambdaClient, functionName: string, alias: string, options: CallOptions) {
  const { AliasArn } = await readAlias(lambda, functionName, alias, options);
  return requireField(AliasArn, 'AliasArn', { action: 'lambda:GetAlias', resource: alias });
}

function versionArns(lambda: LambdaClient, functionName: string, { signal }: CallOptions): Promise<string[]> {
  const call = { action: 'lambda:ListVersionsByFunction', resource: functionName, signal };
  return collectPages(
    call,
    (http) => paginateListVersionsByFunction({ client: lambda }, { FunctionName: functionName }, http),
    (page) => page.Versions?.map(({ FunctionArn }) => requireField(FunctionArn, 'FunctionArn', call)),
  );
}

function aliasArns(lambda: LambdaClient, functionName: string, { signal }: CallOptions): Promise<string[]> {
  const call = { action: 'lambda:ListAliases', resource: functionName, signal };
  return collectPages(
    call,
    (http) => paginateListAliases({ client: lambda }, { FunctionName: functionName }, http),
    (page) => page.Aliases?.map(({ AliasArn }) => requireField(AliasArn, 'AliasArn', call)),
  );
}

function ofExisting<T>(stack: LambdaStackOptions, read: () => Promise<T>): Promise<T> {
  const missing = {
    errorName: 'ResourceNotFoundException',
    kind: 'Lambda function',
    resource: qualifiedName(stack),
    remedy: 'Check functionName, alias, the Region and the account',
  };
  return requireFound([missing], read);
}
