import { ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { clientFault, type SimulatedEnvironment } from './environment.js';
import type { SimulatedLambdaContext } from './simulated-lambda-invocation.js';

const latest = '$LATEST';

/** What a function of the simulated Lambda is told about its invocation. */
export interface SimulatedFunctionContext extends SimulatedLambdaContext {
  /** The function's name. */
  readonly functionName: string;
  /** The version that runs. */
  readonly functionVersion: string;
  /** The ARN with which the function was invoked, its qualifier included. */
  readonly invokedFunctionArn: string;
}

/** A function of the simulated Lambda. */
export interface SimulatedLambdaFunction {
  /** The function's name. */
  readonly name: string;
  /** The ARN without a qualifier. */
  readonly arn: string;
  /** The published versions, besides `$LATEST`. */
  readonly versions: readonly string[];
  /** The aliases by name. */
  readonly aliases: Map<string, SimulatedAlias>;
  /** What the context counts down from; the simulation does not cut the function off. */
  readonly timeoutSeconds: number;
  /** What the function does. */
  handler(event: unknown, context: SimulatedFunctionContext): unknown;
}

/** An alias of a {@link SimulatedLambdaFunction}. */
export interface SimulatedAlias {
  /** The alias's name. */
  readonly name: string;
  /** The function's ARN with the alias as its qualifier. */
  readonly arn: string;
  /** The version that the alias runs. */
  version: string;
}

/** A function, a version of it or an alias, as a request names it. */
export interface FunctionTarget {
  readonly lambda: SimulatedLambdaFunction;
  /** The ARN with the qualifier that was given, if any. */
  readonly arn: string;
  readonly version: string;
}

/** The functions of the simulated Lambda. */
export class SimulatedFunctions {
  readonly #environment: SimulatedEnvironment;
  readonly #functions = new Map<string, SimulatedLambdaFunction>();

  constructor(environment: SimulatedEnvironment) {
    this.#environment = environment;
  }

  add(lambda: Omit<SimulatedLambdaFunction, 'arn' | 'aliases'>): SimulatedLambdaFunction {
    const added = {
      ...lambda,
      arn: this.#environment.arn('lambda', `function:${lambda.name}`),
      aliases: new Map<string, SimulatedAlias>(),
    };
    this.#functions.set(lambda.name, added);
    return added;
  }

  addAlias(functionName: string, name: string, version: string): SimulatedAlias {
    const lambda = this.get(functionName);
    if (version !== latest && !lambda.versions.includes(version)) throw notFound(`${lambda.arn}:${version}`);
    const alias = { name, arn: `${lambda.arn}:${name}`, version };
    lambda.aliases.set(name, alias);
    return alias;
  }

  get(name: string): SimulatedLambdaFunction {
    const lambda = this.#functions.get(name);
    if (lambda === undefined) throw notFound(this.#environment.arn('lambda', `function:${name}`));
    return lambda;
  }

  getAlias(functionName: string, name: string): SimulatedAlias {
    const { lambda } = this.resolve(functionName);
    const alias = lambda.aliases.get(name);
    if (alias === undefined) throw notFound(`${lambda.arn}:${name}`);
    return alias;
  }

  /** Reads all forms of a function's name: a name or an ARN, each with or without a qualifier. */
  resolve(nameOrArn: string, separateQualifier?: string): FunctionTarget {
    const { name, qualifier = separateQualifier } = parseFunctionName(nameOrArn);
    const lambda = this.get(name);
    if (qualifier === undefined) return { lambda, arn: lambda.arn, version: latest };
    const version = lambda.aliases.get(qualifier)?.version ?? qualifier;
    if (version !== latest && !lambda.versions.includes(version))
      throw notFound(`${lambda.arn}:${qualifier}`);
    return { lambda, arn: `${lambda.arn}:${qualifier}`, version };
  }

  /** Runs the function; what its handler throws goes to the caller. */
  async run({ lambda, arn, version }: FunctionTarget, event: unknown): Promise<unknown> {
    const { clock } = this.#environment;
    const endsAt = clock.now() + lambda.timeoutSeconds * 1000;
    return lambda.handler(event, {
      functionName: lambda.name,
      functionVersion: version,
      invokedFunctionArn: arn,
      awsRequestId: this.#environment.nextId(),
      getRemainingTimeInMillis: () => Math.max(0, endsAt - clock.now()),
    });
  }
}

/** The name and the qualifier in a function's name or ARN. */
export function parseFunctionName(nameOrArn: string): { name: string; qualifier?: string } {
  const [name = '', qualifier] = nameOrArn.replace(/^.*:?function:/, '').split(':');
  return { name, ...(qualifier !== undefined && { qualifier }) };
}

function notFound(arn: string): ResourceNotFoundException {
  return new ResourceNotFoundException(clientFault(`Function not found: ${arn}`, 404));
}
