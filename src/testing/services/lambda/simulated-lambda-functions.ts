import { ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';
import { checkRouting, type SimulatedAlias, splitOf } from './simulated-lambda-aliases.js';
import type { SimulatedHookLambda, SimulatedLambdaContext } from './simulated-lambda-invocation.js';

const latest = '$LATEST';

/** The context of an invocation of a simulated function. */
export interface SimulatedFunctionContext extends SimulatedLambdaContext {
  /** The function's name. */
  readonly functionName: string;
  /** The version that runs. */
  readonly functionVersion: string;
  /** The invoked ARN with its qualifier. */
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
  /**
   * The state of each version that is not `Active`: `Pending`, `Inactive`, `Failed`. The simulation allows invocations in
   * every state.
   */
  readonly states: Map<string, 'Pending' | 'Inactive' | 'Failed'>;
  /** The status of the last update of each version whose update is not `Successful`. */
  readonly updates: Map<string, 'InProgress' | 'Failed'>;
  /** The aliases by name. */
  readonly aliases: Map<string, SimulatedAlias>;
  /** The time-out that the context reports. The simulation does not end the function at its time-out. */
  readonly timeoutSeconds: number;
  /** The function's code. */
  handler(event: unknown, context: SimulatedFunctionContext): unknown;
}

/** A function, version or alias named in a request. */
export interface FunctionTarget {
  readonly lambda: SimulatedLambdaFunction;
  /** The ARN with the qualifier of the request, if any. */
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

  add(
    lambda: Omit<SimulatedLambdaFunction, 'arn' | 'aliases' | 'states' | 'updates'>,
  ): SimulatedLambdaFunction {
    const added = {
      ...lambda,
      arn: this.#environment.arn('lambda', `function:${lambda.name}`),
      aliases: new Map<string, SimulatedAlias>(),
      states: new Map(),
      updates: new Map(),
    };
    this.#functions.set(lambda.name, added);
    return added;
  }

  addAlias(
    functionName: string,
    options: Pick<SimulatedAlias, 'name' | 'version' | 'description' | 'additionalVersionWeights'>,
  ): SimulatedAlias {
    const lambda = this.get(functionName);
    this.#checkVersions(lambda, options);
    const alias = {
      ...options,
      arn: `${lambda.arn}:${options.name}`,
      revisionId: this.#environment.nextId(),
      invocations: 0,
    };
    lambda.aliases.set(options.name, alias);
    return alias;
  }

  /** Changes an alias. Missing members stay unchanged. */
  updateAlias(
    functionName: string,
    name: string,
    changes: Partial<Pick<SimulatedAlias, 'version' | 'description' | 'additionalVersionWeights'>>,
  ): SimulatedAlias {
    const { lambda } = this.resolve(functionName);
    const alias = this.getAlias(functionName, name);
    this.#checkVersions(lambda, { ...alias, ...changes });
    return Object.assign(alias, changes, { revisionId: this.#environment.nextId() });
  }

  get(name: string): SimulatedLambdaFunction {
    const lambda = this.#functions.get(name);
    if (lambda === undefined) throw notFound(this.#environment.arn('lambda', `function:${name}`));
    return lambda;
  }

  /** Returns a function as an event source invokes it: by name or ARN, with its time-out. Undefined when it is missing. */
  findHookFunction<Event>(nameOrArn: string): SimulatedHookLambda<Event> | undefined {
    const lambda = this.#functions.get(parseFunctionName(nameOrArn).name);
    if (lambda === undefined) return undefined;
    const { name: functionName, arn: invokedFunctionArn, timeoutSeconds } = lambda;
    return {
      timeoutSeconds,
      handler: (event, context) =>
        lambda.handler(event, { ...context, functionName, functionVersion: latest, invokedFunctionArn }),
    };
  }

  getAlias(functionName: string, name: string): SimulatedAlias {
    const { lambda } = this.resolve(functionName);
    const alias = lambda.aliases.get(name);
    if (alias === undefined) throw notFound(`${lambda.arn}:${name}`);
    return alias;
  }

  /** Resolves a function name or ARN, with or without a qualifier. */
  resolve(nameOrArn: string, separateQualifier?: string): FunctionTarget {
    const { name, qualifier = separateQualifier } = parseFunctionName(nameOrArn);
    const lambda = this.get(name);
    if (qualifier === undefined) return { lambda, arn: lambda.arn, version: latest };
    const version = lambda.aliases.get(qualifier)?.version ?? qualifier;
    if (version !== latest && !lambda.versions.includes(version))
      throw notFound(`${lambda.arn}:${qualifier}`);
    return { lambda, arn: `${lambda.arn}:${qualifier}`, version };
  }

  /** Returns the version that runs next. The versions of a weighted alias alternate by their weights. */
  route(nameOrArn: string, separateQualifier?: string): FunctionTarget {
    const target = this.resolve(nameOrArn, separateQualifier);
    const { qualifier = separateQualifier } = parseFunctionName(nameOrArn);
    const alias = qualifier === undefined ? undefined : target.lambda.aliases.get(qualifier);
    const [extra] = Object.entries(alias?.additionalVersionWeights ?? {});
    if (alias === undefined || extra === undefined) return target;
    const [version, weight] = extra;
    alias.invocations += 1;
    const isItsTurn = Math.floor(alias.invocations * weight) > Math.floor((alias.invocations - 1) * weight);
    return isItsTurn ? { ...target, version } : target;
  }

  /** Returns the share of each version of an alias, in percent. */
  split(functionName: string, aliasName: string): Readonly<Record<string, number>> {
    return splitOf(this.getAlias(functionName, aliasName));
  }

  /** Runs the function. Rejects with the error of its handler. */
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

  #checkVersions(
    lambda: SimulatedLambdaFunction,
    alias: Pick<SimulatedAlias, 'version' | 'additionalVersionWeights'>,
  ): void {
    checkRouting(alias);
    for (const version of [alias.version, ...Object.keys(alias.additionalVersionWeights)]) {
      if (version !== latest && !lambda.versions.includes(version))
        throw notFound(`${lambda.arn}:${version}`);
    }
  }
}

/** Returns the name and the qualifier in a function's name or ARN. */
export function parseFunctionName(nameOrArn: string): { name: string; qualifier?: string } {
  const [name = '', qualifier] = nameOrArn.replace(/^.*:?function:/, '').split(':');
  return { name, ...(qualifier !== undefined && { qualifier }) };
}

function notFound(arn: string): ResourceNotFoundException {
  return new ResourceNotFoundException(clientFault(`Function not found: ${arn}`, 404));
}
