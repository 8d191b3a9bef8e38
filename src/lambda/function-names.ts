import type { LambdaStackOptions } from './types.js';

/** The function's name with the alias, as Lambda's requests and metrics take it. */
export function qualifiedName({ functionName, alias }: LambdaStackOptions): string {
  return alias === undefined ? functionName : `${functionName}:${alias}`;
}

/** What tells two stacks apart: `$LATEST` is what the function's own name stands for, so it is no other function. */
export function identityOf({ functionName, alias = '$LATEST' }: LambdaStackOptions): string {
  return `${functionName}:${alias}`;
}

/**
 * Whether an ARN is that of the stack's function: of its alias when there is one, else of the function itself. Two stacks
 * may be two aliases of one function, so the qualifier counts.
 */
export function isArnOf(
  functionArn: string,
  { functionName, alias = '$LATEST' }: LambdaStackOptions,
): boolean {
  // arn:partition:lambda:region:account:function:name[:qualifier]
  const [, , , , , , name, qualifier = '$LATEST'] = functionArn.split(':');
  return name === functionName && qualifier === alias;
}
