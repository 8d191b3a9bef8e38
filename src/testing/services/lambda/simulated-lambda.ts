import type {
  CreateEventSourceMappingCommandInput,
  CreateEventSourceMappingCommandOutput,
  DeleteEventSourceMappingCommandInput,
  DeleteEventSourceMappingCommandOutput,
  FunctionConfiguration,
  GetAliasCommandInput,
  GetAliasCommandOutput,
  GetEventSourceMappingCommandInput,
  GetEventSourceMappingCommandOutput,
  GetFunctionConfigurationCommandInput,
  GetFunctionConfigurationCommandOutput,
  GetProvisionedConcurrencyConfigCommandInput,
  GetProvisionedConcurrencyConfigCommandOutput,
  InvokeCommandInput,
  InvokeCommandOutput,
  ListAliasesCommandInput,
  ListAliasesCommandOutput,
  ListEventSourceMappingsCommandInput,
  ListEventSourceMappingsCommandOutput,
  ListVersionsByFunctionCommandInput,
  ListVersionsByFunctionCommandOutput,
  UpdateAliasCommandInput,
  UpdateAliasCommandOutput,
  UpdateEventSourceMappingCommandInput,
  UpdateEventSourceMappingCommandOutput,
} from '@aws-sdk/client-lambda';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import {
  type Answer,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { type EventSourceServices, invalid } from './simulated-event-sources.js';
import {
  allocateConcurrency,
  checkRevision,
  describeAlias,
  describeConcurrency,
  type SimulatedAlias,
} from './simulated-lambda-aliases.js';
import {
  type FunctionTarget,
  parseFunctionName,
  SimulatedFunctions,
  type SimulatedLambdaFunction,
} from './simulated-lambda-functions.js';
import {
  type SimulatedEventSourceMapping,
  type SimulatedMappingState,
  SimulatedMappings,
} from './simulated-lambda-mappings.js';

/** Lambda in memory: functions that run, aliases, and event source mappings which read their queues. */
export class SimulatedLambda implements SimulatedService {
  readonly serviceId = 'Lambda';
  readonly iamPrefix = 'lambda';
  readonly throttlingError = 'TooManyRequestsException';
  /** @internal */
  readonly operations = {
    GetFunctionConfiguration: (
      input: GetFunctionConfigurationCommandInput,
    ): Answer<GetFunctionConfigurationCommandOutput> => {
      const name = required(input.FunctionName, 'FunctionName');
      const { lambda, arn, version } = this.#functions.resolve(name, input.Qualifier);
      return describeFunction(lambda, version, arn);
    },

    ListVersionsByFunction: (
      input: ListVersionsByFunctionCommandInput,
    ): Answer<ListVersionsByFunctionCommandOutput> => {
      const { lambda } = this.#functions.resolve(required(input.FunctionName, 'FunctionName'));
      const { items, nextToken } = pageOf(['$LATEST', ...lambda.versions], {
        token: input.Marker,
        size: input.MaxItems ?? 50,
        most: 50,
      });
      const Versions = items.map((version) => describeFunction(lambda, version, `${lambda.arn}:${version}`));
      return { Versions, NextMarker: nextToken };
    },

    ListAliases: (input: ListAliasesCommandInput): Answer<ListAliasesCommandOutput> => {
      const { lambda } = this.#functions.resolve(required(input.FunctionName, 'FunctionName'));
      const { FunctionVersion: version } = input;
      const aliases = [...lambda.aliases.values()].filter((it) => (version ?? it.version) === it.version);
      const { items, nextToken } = pageOf(aliases, {
        token: input.Marker,
        size: input.MaxItems ?? 50,
        most: 50,
      });
      return { Aliases: items.map(describeAlias), NextMarker: nextToken };
    },

    GetAlias: (input: GetAliasCommandInput): Answer<GetAliasCommandOutput> => {
      const functionName = required(input.FunctionName, 'FunctionName');
      return describeAlias(this.#functions.getAlias(functionName, required(input.Name, 'Name')));
    },

    UpdateAlias: (input: UpdateAliasCommandInput): Answer<UpdateAliasCommandOutput> => {
      const functionName = required(input.FunctionName, 'FunctionName');
      const name = required(input.Name, 'Name');
      checkRevision(this.#functions.getAlias(functionName, name), input.RevisionId);
      const { FunctionVersion, Description, RoutingConfig } = input;
      const changed = this.#updateAlias(functionName, name, {
        ...(FunctionVersion !== undefined && { version: FunctionVersion }),
        ...(Description !== undefined && { description: Description }),
        ...(RoutingConfig !== undefined && {
          additionalVersionWeights: { ...RoutingConfig.AdditionalVersionWeights },
        }),
      });
      return describeAlias(changed);
    },

    GetProvisionedConcurrencyConfig: (
      input: GetProvisionedConcurrencyConfigCommandInput,
    ): Answer<GetProvisionedConcurrencyConfigCommandOutput> => {
      const functionName = required(input.FunctionName, 'FunctionName');
      const qualifier = required(input.Qualifier, 'Qualifier');
      const { lambda } = this.#functions.resolve(functionName, qualifier);
      return describeConcurrency(lambda.aliases.get(qualifier)?.provisionedConcurrency);
    },

    CreateEventSourceMapping: (
      input: CreateEventSourceMappingCommandInput,
    ): Answer<CreateEventSourceMappingCommandOutput> => {
      const { FunctionName, EventSourceArn, Enabled = true, ...parameters } = input;
      const functionArn = this.#requireTarget(required(FunctionName, 'FunctionName'));
      const eventSourceArn = requireSourceArn(EventSourceArn, input.SelfManagedEventSource);
      return this.#mappings.create({ functionArn, eventSourceArn }, Enabled, parameters);
    },

    GetEventSourceMapping: (
      input: GetEventSourceMappingCommandInput,
    ): Answer<GetEventSourceMappingCommandOutput> => this.#mappings.describe(required(input.UUID, 'UUID')),

    UpdateEventSourceMapping: (
      input: UpdateEventSourceMappingCommandInput,
    ): Answer<UpdateEventSourceMappingCommandOutput> => {
      const { UUID, FunctionName, Enabled, ...parameters } = input;
      if (FunctionName !== undefined)
        throw new TypeError('SimulatedCloud does not simulate another function for a mapping');
      return this.#mappings.update(required(UUID, 'UUID'), Enabled, parameters);
    },

    DeleteEventSourceMapping: (
      input: DeleteEventSourceMappingCommandInput,
    ): Answer<DeleteEventSourceMappingCommandOutput> => this.#mappings.delete(required(input.UUID, 'UUID')),

    ListEventSourceMappings: (
      input: ListEventSourceMappingsCommandInput,
    ): Answer<ListEventSourceMappingsCommandOutput> => {
      const matching = this.#mappings.all.filter(
        (mapping) =>
          (input.EventSourceArn ?? mapping.eventSourceArn) === mapping.eventSourceArn &&
          (input.FunctionName === undefined || invokes(mapping, input.FunctionName)),
      );
      const { items, nextToken } = pageOf(matching, {
        token: input.Marker,
        size: Math.min(input.MaxItems ?? 100, 100),
        most: 100,
      });
      return {
        EventSourceMappings: items.map(({ uuid }) => this.#mappings.describe(uuid)),
        NextMarker: nextToken,
      };
    },

    Invoke: async (input: InvokeCommandInput): Promise<Answer<InvokeCommandOutput>> => {
      if ((input.InvocationType ?? 'RequestResponse') !== 'RequestResponse')
        throw new TypeError('SimulatedCloud only simulates invocations that wait for the answer');
      const name = required(input.FunctionName, 'FunctionName');
      const target = this.#functions.route(name, input.Qualifier);
      const answer = await this.#answerOf(target, parsePayload(input.Payload));
      return { StatusCode: 200, ExecutedVersion: target.version, ...answer };
    },
  };

  readonly #environment: SimulatedEnvironment;
  readonly #functions: SimulatedFunctions;
  readonly #mappings: SimulatedMappings;

  /** @internal */
  constructor(environment: SimulatedEnvironment, sources: EventSourceServices) {
    this.#environment = environment;
    this.#functions = new SimulatedFunctions(environment);
    this.#mappings = new SimulatedMappings(environment, sources, {
      deliver: ({ functionArn }, event) => this.invoke(functionArn, event),
      timeoutOf: (functionArn) => this.#functions.resolve(functionArn).lambda,
    });
  }

  /** Creates a function. Without a handler it does nothing and returns `null`. */
  addFunction(options: {
    name: string;
    handler?: SimulatedLambdaFunction['handler'];
    /** The published versions, besides `$LATEST`. */
    versions?: readonly string[];
    /** @default 3, as in AWS */
    timeoutSeconds?: number;
  }): SimulatedLambdaFunction {
    const { name, handler = () => null, versions = [], timeoutSeconds = 3 } = options;
    return this.#functions.add({ name, handler, versions, timeoutSeconds });
  }

  /** Creates an alias of a version. */
  addAlias(options: {
    functionName: string;
    name: string;
    /** @default '$LATEST' */
    version?: string;
    description?: string;
    /** Another version and its share, 0 to 1. */
    additionalVersionWeights?: Readonly<Record<string, number>>;
    /** Provisioned concurrency, allocated to the version already; @default none */
    provisionedConcurrency?: {
      readonly executions: number;
      /** @default 120 */
      readonly allocationSeconds?: number;
      /** Versions for which Lambda cannot allocate it; @default none */
      readonly failsFor?: readonly string[];
    };
  }): SimulatedAlias {
    const {
      functionName,
      name,
      version = '$LATEST',
      description = '',
      additionalVersionWeights = {},
      provisionedConcurrency,
    } = options;
    const alias = this.#functions.addAlias(functionName, {
      name,
      version,
      description,
      additionalVersionWeights,
    });
    if (provisionedConcurrency !== undefined) {
      const defaults = { allocationSeconds: 120, failsFor: [] };
      alias.provisionedConcurrency = { ...defaults, ...provisionedConcurrency, status: 'READY' };
    }
    return alias;
  }

  /** Changes an alias as another program would; what is not named stays. */
  updateAlias(options: {
    functionName: string;
    name: string;
    version?: string;
    description?: string;
    additionalVersionWeights?: Readonly<Record<string, number>>;
  }): SimulatedAlias {
    const { functionName, name, ...changes } = options;
    return this.#updateAlias(functionName, name, changes);
  }

  /** The current split of an alias: the share of each version, in percent. */
  liveSplit({
    functionName,
    alias,
  }: {
    functionName: string;
    alias: string;
  }): Readonly<Record<string, number>> {
    return this.#functions.split(functionName, alias);
  }

  /** The alias of this name. */
  alias(functionName: string, name: string): SimulatedAlias {
    return this.#functions.getAlias(functionName, name);
  }

  /**
   * Creates an event source mapping which is in its state already; `functionName` may end in `:alias`. Its settings and its
   * source are not checked.
   */
  addMapping(options: {
    functionName: string;
    eventSourceArn: string;
    state?: SimulatedMappingState;
    /** The other settings, such as `BatchSize` or `Topics`. */
    parameters?: SimulatedEventSourceMapping['parameters'];
  }): SimulatedEventSourceMapping {
    return this.#mappings.add({
      functionArn: this.#functions.resolve(options.functionName).arn,
      eventSourceArn: options.eventSourceArn,
      state: options.state ?? 'Enabled',
      parameters: options.parameters ?? {},
    });
  }

  /** The function of this name. */
  function(name: string): SimulatedLambdaFunction {
    return this.#functions.get(name);
  }

  /** The event source mapping with this UUID. */
  mapping(uuid: string): SimulatedEventSourceMapping {
    return this.#mappings.get(uuid);
  }

  /** The event source mappings of a function, those of its aliases and versions too. */
  mappingsOf(functionName: string): SimulatedEventSourceMapping[] {
    return this.#mappings.all.filter((mapping) => invokes(mapping, functionName));
  }

  /** Runs a function and returns its result; rejects with what it throws. */
  async invoke(functionName: string, event: unknown): Promise<unknown> {
    return this.#functions.run(this.#functions.route(functionName), event);
  }

  /** The ARN of the function that a mapping invokes, as it was named. */
  #requireTarget(functionName: string): string {
    try {
      return this.#functions.resolve(functionName).arn;
    } catch {
      throw invalid(`Function does not exist: ${functionName}`);
    }
  }

  #updateAlias(functionName: string, name: string, changes: Partial<SimulatedAlias>): SimulatedAlias {
    const before = { ...this.#functions.getAlias(functionName, name) };
    const changed = this.#functions.updateAlias(functionName, name, changes);
    allocateConcurrency(changed, before, this.#environment);
    return changed;
  }

  /** A function that throws is a successful invocation of the operation. */
  async #answerOf(target: FunctionTarget, event: unknown) {
    try {
      return { Payload: toPayload(await this.#functions.run(target, event)) };
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
      return {
        Payload: toPayload({ errorType: name, errorMessage: message, trace: [] }),
        FunctionError: 'Unhandled',
      };
    }
  }
}

/** Lambda takes either a source with an ARN or a self-managed one. */
function requireSourceArn(eventSourceArn: string | undefined, selfManaged: object | undefined): string {
  if (eventSourceArn !== undefined && selfManaged === undefined) return eventSourceArn;
  if (eventSourceArn === undefined && selfManaged !== undefined)
    throw new TypeError('SimulatedCloud does not simulate self-managed event sources');
  throw invalid('A mapping has either an EventSourceArn or a SelfManagedEventSource');
}

function describeFunction(
  lambda: SimulatedLambdaFunction,
  version: string,
  arn: string,
): FunctionConfiguration {
  return {
    FunctionName: lambda.name,
    FunctionArn: arn,
    Version: version,
    State: lambda.states.get(version) ?? 'Active',
  };
}

/**
 * True when a listing by a function's name shows the mapping. AWS does not document whether an unqualified name also finds the
 * mappings of aliases; the simulation shows them, because a caller that does not expect them would do harm.
 */
function invokes({ functionArn }: SimulatedEventSourceMapping, functionName: string): boolean {
  const wanted = parseFunctionName(functionName);
  const actual = parseFunctionName(functionArn);
  return (
    actual.name === wanted.name && (wanted.qualifier === undefined || wanted.qualifier === actual.qualifier)
  );
}

function parsePayload(payload: InvokeCommandInput['Payload'] = '{}'): unknown {
  if (typeof payload === 'string') return JSON.parse(payload);
  if (payload instanceof Uint8Array) return JSON.parse(new TextDecoder().decode(payload));
  throw new TypeError('SimulatedCloud takes a payload as a string or as a Uint8Array');
}

function toPayload(value: unknown): Uint8ArrayBlobAdapter {
  return Uint8ArrayBlobAdapter.fromString(JSON.stringify(value ?? null));
}
