import type { LambdaStackOptions } from './types.js';

/** The function's name with the alias, as Lambda's requests and metrics take it. */
export function qualifiedName({ functionName, alias }: LambdaStackOptions): string {
  return alias === undefined ? functionName : `${functionName}:${alias}`;
}

/** Identifies a stack's function: the name without a qualifier means `$LATEST`. */
export function identityOf({ functionName, alias = '$LATEST' }: LambdaStackOptions): string {
  return `${functionName}:${alias}`;
}

/**
 * True for an ARN of the stack's function: of its alias when there is one, else of the function itself. Two stacks may be two
 * aliases of one function, so the qualifier counts.
 */
export function isArnOf(
  functionArn: string,
  { functionName, alias = '$LATEST' }: LambdaStackOptions,
): boolean {
  const { name, qualifier } = partsOf(functionArn);
  return name === functionName && qualifier === alias;
}

/** The function's name and its qualifier, which is `$LATEST` when the ARN has none. */
export function partsOf(functionArn: string): { name: string; qualifier: string } {
  // arn:partition:lambda:region:account:function:name[:qualifier]
  const [, , , , , , name = '', qualifier = '$LATEST'] = functionArn.split(':');
  return { name, qualifier };
}
