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
  SelfManagedEventSource,
  UpdateAliasCommandInput,
  UpdateAliasCommandOutput,
  UpdateEventSourceMappingCommandInput,
  UpdateEventSourceMappingCommandOutput,
} from '@aws-sdk/client-lambda';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import * as v from 'valibot';
import { anyFunction, nonEmptyString, strictObject } from '../../../core/schemas.js';
import { parseInput } from '../../../core/validate.js';
import {
  type OperationOutput,
  pageOf,
  required,
  type SimulatedEnvironment,
  type SimulatedService,
} from '../../cloud/environment.js';
import { requireOptions } from '../../cloud/require-options.js';
import type { SimulatedLambdaDelivery } from './lambda-delivery.js';
import { lambdaTimeout } from './lambda-schema.js';
import { type EventSourceServices, invalid, selfManagedSource } from './simulated-event-sources.js';
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
import type { SimulatedHookLambda } from './simulated-lambda-invocation.js';
import {
  type SimulatedEventSourceMapping,
  type SimulatedMappingState,
  SimulatedMappings,
} from './simulated-lambda-mappings.js';

const functionSchema = strictObject({
  name: nonEmptyString,
  handler: v.optional(anyFunction),
  versions: v.optional(v.array(nonEmptyString)),
  timeoutSeconds: lambdaTimeout,
});

/** Lambda in memory: functions that run, aliases, and event source mappings that poll their queues. */
export class SimulatedLambda implements SimulatedService {
  readonly serviceId = 'Lambda';
  readonly iamPrefix = 'lambda';
  readonly throttlingError = 'TooManyRequestsException';
  /** @internal */
  readonly operations = {
    GetFunctionConfiguration: (
      input: GetFunctionConfigurationCommandInput,
    ): OperationOutput<GetFunctionConfigurationCommandOutput> => {
      const name = required(input.FunctionName, 'FunctionName');
      const { lambda, arn, version } = this.#functions.resolve(name, input.Qualifier);
      return describeFunction(lambda, version, arn);
    },

    ListVersionsByFunction: (
      input: ListVersionsByFunctionCommandInput,
    ): OperationOutput<ListVersionsByFunctionCommandOutput> => {
      const { lambda } = this.#functions.resolve(required(input.FunctionName, 'FunctionName'));
      const { items, nextToken } = pageOf(['$LATEST', ...lambda.versions], {
        token: input.Marker,
        size: input.MaxItems ?? 50,
        maxSize: 50,
      });
      const Versions = items.map((version) => describeFunction(lambda, version, `${lambda.arn}:${version}`));
      return { Versions, NextMarker: nextToken };
    },

    ListAliases: (input: ListAliasesCommandInput): OperationOutput<ListAliasesCommandOutput> => {
      const { lambda } = this.#functions.resolve(required(input.FunctionName, 'FunctionName'));
      const { FunctionVersion: version } = input;
      const aliases = [...lambda.aliases.values()].filter((it) => (version ?? it.version) === it.version);
      const { items, nextToken } = pageOf(aliases, {
        token: input.Marker,
        size: input.MaxItems ?? 50,
        maxSize: 50,
      });
      return { Aliases: items.map(describeAlias), NextMarker: nextToken };
    },

    GetAlias: (input: GetAliasCommandInput): OperationOutput<GetAliasCommandOutput> => {
      const functionName = required(input.FunctionName, 'FunctionName');
      return describeAlias(this.#functions.getAlias(functionName, required(input.Name, 'Name')));
    },

    UpdateAlias: (input: UpdateAliasCommandInput): OperationOutput<UpdateAliasCommandOutput> => {
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
    ): OperationOutput<GetProvisionedConcurrencyConfigCommandOutput> => {
      const functionName = required(input.FunctionName, 'FunctionName');
      const qualifier = required(input.Qualifier, 'Qualifier');
      const { lambda } = this.#functions.resolve(functionName, qualifier);
      return describeConcurrency(lambda.aliases.get(qualifier)?.provisionedConcurrency);
    },

    CreateEventSourceMapping: (
      input: CreateEventSourceMappingCommandInput,
    ): OperationOutput<CreateEventSourceMappingCommandOutput> => {
      const { FunctionName, EventSourceArn, Enabled = true, ...parameters } = input;
      const functionArn = this.#requireTarget(required(FunctionName, 'FunctionName'));
      const eventSourceArn = requireSourceArn(EventSourceArn, input.SelfManagedEventSource);
      return this.#mappings.create({ functionArn, eventSourceArn }, Enabled, parameters);
    },

    GetEventSourceMapping: (
      input: GetEventSourceMappingCommandInput,
    ): OperationOutput<GetEventSourceMappingCommandOutput> =>
      this.#mappings.describe(required(input.UUID, 'UUID')),

    UpdateEventSourceMapping: (
      input: UpdateEventSourceMappingCommandInput,
    ): OperationOutput<UpdateEventSourceMappingCommandOutput> => {
      const { UUID, FunctionName, Enabled, ...parameters } = input;
      if (FunctionName !== undefined)
        throw new TypeError('SimulatedCloud does not simulate another function for a mapping');
      return this.#mappings.update(required(UUID, 'UUID'), Enabled, parameters);
    },

    DeleteEventSourceMapping: (
      input: DeleteEventSourceMappingCommandInput,
    ): OperationOutput<DeleteEventSourceMappingCommandOutput> =>
      this.#mappings.delete(required(input.UUID, 'UUID')),

    ListEventSourceMappings: (
      input: ListEventSourceMappingsCommandInput,
    ): OperationOutput<ListEventSourceMappingsCommandOutput> => {
      const matching = this.#mappings.all.filter(
        (mapping) =>
          (input.EventSourceArn ?? mapping.eventSourceArn) === mapping.eventSourceArn &&
          (input.FunctionName === undefined || invokes(mapping, input.FunctionName)),
      );
      const { items, nextToken } = pageOf(matching, {
        token: input.Marker,
        size: Math.min(input.MaxItems ?? 100, 100),
        maxSize: 100,
      });
      return {
        EventSourceMappings: items.map(({ uuid }) => this.#mappings.describe(uuid)),
        NextMarker: nextToken,
      };
    },

    Invoke: async (input: InvokeCommandInput): Promise<OperationOutput<InvokeCommandOutput>> => {
      if ((input.InvocationType ?? 'RequestResponse') !== 'RequestResponse')
        throw new TypeError('SimulatedCloud does not simulate another InvocationType than RequestResponse');
      const name = required(input.FunctionName, 'FunctionName');
      const target = this.#functions.route(name, input.Qualifier);
      const answer = await this.#invoke(target, parsePayload(input.Payload));
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

  /**
   * Plans the deliveries of asynchronous events: those of hooks, of EventBridge rules and of custom resources. They arrive
   * once and at once by default.
   */
  deliverEvents(delivery: SimulatedLambdaDelivery): void {
    parseInput('SimulatedLambda.deliverEvents plan', anyFunction, delivery);
    let number = 0;
    this.#environment.lambdaDelivery.plan = (event) => {
      number += 1;
      return delivery(event, number);
    };
  }

  /** @internal */
  findHookFunction<Event>(nameOrArn: string): SimulatedHookLambda<Event> | undefined {
    return this.#functions.findHookFunction(nameOrArn);
  }

  /**
   * Creates a function. Without a handler it returns `null`.
   *
   * @throws InvalidInputError for a time-out that Lambda does not have.
   */
  addFunction(options: {
    name: string;
    handler?: SimulatedLambdaFunction['handler'];
    /** The published versions, besides `$LATEST`. */
    versions?: readonly string[];
    /**
     * 1 to 900.
     * @default 3, as in AWS
     */
    timeoutSeconds?: number;
  }): SimulatedLambdaFunction {
    parseInput('SimulatedLambda.addFunction options', functionSchema, options);
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
    requireOptions('SimulatedLambda.addAlias', options, {
      functionName: 'text',
      name: 'text',
      version: 'optional',
      description: 'optional',
      additionalVersionWeights: 'optional',
      provisionedConcurrency: 'optional',
    });
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

  /** Changes an alias from outside the program under test. Missing members stay unchanged. */
  updateAlias(options: {
    functionName: string;
    name: string;
    version?: string;
    description?: string;
    additionalVersionWeights?: Readonly<Record<string, number>>;
  }): SimulatedAlias {
    requireOptions('SimulatedLambda.updateAlias', options, {
      functionName: 'text',
      name: 'text',
      version: 'optional',
      description: 'optional',
      additionalVersionWeights: 'optional',
    });
    const { functionName, name, ...changes } = options;
    return this.#updateAlias(functionName, name, changes);
  }

  /** Returns the present share of each version of an alias, in percent. */
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
   * Creates an event source mapping in its final state. `functionName` may end in `:alias`. The settings and the source are
   * not validated.
   */
  addMapping(options: {
    functionName: string;
    eventSourceArn: string;
    state?: SimulatedMappingState;
    /** The other settings, such as `BatchSize` or `Topics`. */
    parameters?: SimulatedEventSourceMapping['parameters'];
  }): SimulatedEventSourceMapping {
    requireOptions('SimulatedLambda.addMapping', options, {
      functionName: 'text',
      eventSourceArn: 'text',
      state: 'optional',
      parameters: 'optional',
    });
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

  /** Returns the event source mappings of a function, including those of its aliases and versions. */
  mappingsOf(functionName: string): SimulatedEventSourceMapping[] {
    return this.#mappings.all.filter((mapping) => invokes(mapping, functionName));
  }

  /** Runs a function and returns its result. Rejects with its error. */
  async invoke(functionName: string, event: unknown): Promise<unknown> {
    return this.#functions.run(this.#functions.route(functionName), event);
  }

  /** Returns the ARN of the function or alias that a mapping invokes. */
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

  /** Runs the Invoke operation, which succeeds even when the function throws. */
  async #invoke(target: FunctionTarget, event: unknown) {
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

/** Lambda accepts either a source with an ARN or a self-managed one. */
function requireSourceArn(
  eventSourceArn: string | undefined,
  selfManaged: SelfManagedEventSource | undefined,
): string {
  if (eventSourceArn !== undefined && selfManaged === undefined) return eventSourceArn;
  if (eventSourceArn === undefined && selfManaged !== undefined)
    return selfManagedSource(
      required(selfManaged.Endpoints?.KAFKA_BOOTSTRAP_SERVERS, 'KAFKA_BOOTSTRAP_SERVERS'),
    );
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
    LastUpdateStatus: lambda.updates.get(version) ?? 'Successful',
  };
}

/**
 * Returns true when a listing by a function's name contains the mapping. AWS does not document whether an unqualified name
 * also finds the mappings of aliases. The simulation includes them, because that is the harder case for a caller.
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
  throw new TypeError('Invalid Payload: expected a string or a Uint8Array');
}

function toPayload(value: unknown): Uint8ArrayBlobAdapter {
  return Uint8ArrayBlobAdapter.fromString(JSON.stringify(value ?? null));
}
