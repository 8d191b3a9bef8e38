import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  type AliasConfiguration,
  type EventSourceMappingConfiguration,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import * as v from 'valibot';
import { type CallOptions, callAws, collectPages, isAwsError, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import { type Clock, systemClock } from '../core/clock.js';
import { InvalidInputError } from '../core/errors.js';
import { silentLogger } from '../core/logger.js';
import type { WaitOptions } from '../core/poll-until.js';
import { nonEmptyString, stackPair } from '../core/schemas.js';
import {
  parseStackReference,
  partnerOf,
  type StackPair,
  type StackReference,
} from '../core/stack-reference.js';
import { parseInput, requireDistinct } from '../core/validate.js';
import { EventRules } from './event-rules.js';
import { EventSourceMappings } from './event-source-mappings.js';
import { identityOf, qualifiedName } from './function-names.js';
import { metricQueries, metricsWindowSeconds, pickLatest } from './latest-metrics.js';
import type {
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventRuleReport,
  EventSourceMappingParameters,
  LambdaStackOptions,
  LambdaToolsClients,
  LambdaToolsOptions,
  LatestLambdaMetrics,
} from './types.js';

const unqualifiedName = v.pipe(
  nonEmptyString,
  v.check((value) => !value.includes(':'), 'a name; an ARN or a qualifier does not belong to it'),
);

const optionsSchema = v.object({
  ...stackPair(v.object({ functionName: unqualifiedName, alias: v.optional(unqualifiedName) })),
  eventBusNames: v.optional(
    v.pipe(
      v.array(nonEmptyString),
      v.check((names) => names.length > 0, 'at least one event bus'),
    ),
    ['default'],
  ),
});

const mappingStateSchema = v.object({ state: v.picklist(['Enabled', 'Disabled']) });

/**
 * Switches what invokes a stack's function: its event source mappings (queues and streams) and its EventBridge rules. The
 * two stacks are two functions, or two aliases of one.
 *
 * @example
 * ```ts
 * import { LambdaTools } from 'aws-blue-green-toolkit/lambda';
 *
 * const reader = new LambdaTools({
 *   blue: { functionName: 'order-reader-blue' },
 *   green: { functionName: 'order-reader-green' },
 * });
 *
 * await reader.enableEventMapping('green');
 * await reader.waitForEventMappingState('green', 'Enabled');
 *
 * const { Errors } = await reader.getLatestMetrics('green');
 * if (Errors !== undefined && Errors.value > 0) await reader.disableEventMapping('green');
 * ```
 */
export class LambdaTools {
  readonly #stacks: StackPair<LambdaStackOptions>;
  readonly #lambda: LambdaClient;
  readonly #cloudWatch: CloudWatchClient;
  readonly #clock: Clock;
  readonly #mappings: EventSourceMappings;
  readonly #rules: EventRules;

  /** @throws InvalidInputError when an option is missing or malformed, or when both stacks are the same function. */
  constructor(options: LambdaToolsOptions) {
    const { blue, green, eventBusNames } = parseInput('LambdaTools options', optionsSchema, options);
    requireDistinct('LambdaTools options', 'functionName', [identityOf(blue)], [identityOf(green)]);
    const clients = resolveClients<LambdaToolsClients>(options, {
      lambda: LambdaClient,
      eventBridge: EventBridgeClient,
      cloudWatch: CloudWatchClient,
    });
    const { logger = silentLogger, clock = systemClock } = options;
    this.#stacks = { blue, green };
    this.#lambda = clients.lambda;
    this.#cloudWatch = clients.cloudWatch;
    this.#clock = clock;
    this.#mappings = new EventSourceMappings({ lambda: clients.lambda, clock, logger });
    this.#rules = new EventRules({ eventBridge: clients.eventBridge, eventBusNames, clock, logger });
  }

  /**
   * Lets an event source invoke the stack's function, or its alias. A mapping of the two that exists already is given back
   * as it is, whatever its settings; one that is being deleted is waited out and made anew. Returns when Lambda has
   * accepted the mapping, which then is `Creating` ({@link waitForEventMappingState}).
   *
   * @param parameters - the other settings of the mapping, such as `BatchSize`, `StartingPosition` or `Enabled`.
   * @remarks IAM: lambda:CreateEventSourceMapping, lambda:ListEventSourceMappings
   * @throws WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async createEventSourceMapping(
    stack: StackReference,
    eventSourceArn: string,
    parameters: EventSourceMappingParameters = {},
    options: EventMappingOptions = {},
  ): Promise<EventSourceMappingConfiguration> {
    const source = parseInput('Event source ARN', nonEmptyString, eventSourceArn);
    return this.#mappings.create(this.#settingsOf(stack), source, parameters, options);
  }

  /**
   * Deletes an event source mapping of the stack's function, or of its alias. Returns when Lambda has accepted that; the
   * mapping is gone a little later. One that is gone, or on its way, counts as deleted; another transition is waited out.
   *
   * @remarks IAM: lambda:GetEventSourceMapping, lambda:DeleteEventSourceMapping
   * @throws ResourceStateError when the mapping is not of the stack's function.
   * @throws WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async deleteEventMapping(
    stack: StackReference,
    uuid: string,
    options: EventMappingOptions = {},
  ): Promise<void> {
    const settings = this.#settingsOf(stack);
    await this.#mappings.delete(settings, parseInput('UUID', nonEmptyString, uuid), options);
  }

  /**
   * Enables every event source mapping of the stack's function, or of its alias. Returns when Lambda has accepted that; the
   * mappings read their sources a little later ({@link waitForEventMappingState}). Mappings which are enabled, or on their
   * way there, are not touched; another transition is waited out.
   *
   * @remarks IAM: lambda:ListEventSourceMappings, lambda:GetEventSourceMapping, lambda:UpdateEventSourceMapping
   * @throws MultipleFailuresError when several mappings fail; WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async enableEventMapping(
    stack: StackReference,
    options: EventMappingOptions = {},
  ): Promise<EventMappingReport> {
    return this.#mappings.switchAll(this.#settingsOf(stack), 'Enabled', options);
  }

  /**
   * Disables every event source mapping of the stack's function, or of its alias. Returns when Lambda has accepted that;
   * until a mapping is `Disabled` the function may be invoked ({@link waitForEventMappingState}). Mappings which are
   * disabled, or on their way there, are not touched; another transition is waited out.
   *
   * @remarks IAM: lambda:ListEventSourceMappings, lambda:GetEventSourceMapping, lambda:UpdateEventSourceMapping
   * @throws MultipleFailuresError when several mappings fail; WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async disableEventMapping(
    stack: StackReference,
    options: EventMappingOptions = {},
  ): Promise<EventMappingReport> {
    return this.#mappings.switchAll(this.#settingsOf(stack), 'Disabled', options);
  }

  /**
   * Every event source mapping of the stack's function, or of its alias: those of the function's other aliases and versions
   * are not among them.
   *
   * @remarks IAM: lambda:ListEventSourceMappings
   * @throws AccessDeniedError, OperationAbortedError
   */
  async listEventSourceMappings(
    stack: StackReference,
    options: CallOptions = {},
  ): Promise<EventSourceMappingConfiguration[]> {
    return this.#mappings.list(this.#settingsOf(stack), options);
  }

  /**
   * Waits until every event source mapping of the stack's function, or of its alias, is in a state. A mapping that is being
   * deleted is waited for as well. Without any mapping `Disabled` holds and `Enabled` does not.
   *
   * @param options - `maxWaitSeconds` is 300 by default.
   * @remarks IAM: lambda:ListEventSourceMappings
   * @throws WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async waitForEventMappingState(
    stack: StackReference,
    state: EventMappingState,
    options: WaitOptions = {},
  ): Promise<void> {
    const wanted = parseInput('Event source mapping state', mappingStateSchema, { state }).state;
    await this.#mappings.waitFor(this.#settingsOf(stack), wanted, options);
  }

  /**
   * Enables every EventBridge rule which targets the stack's function, or its alias, on the buses of `eventBusNames`. A
   * rule which also has other targets is enabled for these as well; one which targets both stacks is skipped and reported.
   * New events may take a short while to match.
   *
   * @remarks IAM: events:ListRuleNamesByTarget, events:DescribeRule, events:EnableRule, and for both stacks lambda:GetAlias
   * with an alias or else lambda:GetFunctionConfiguration
   * @throws WaitTimeoutError when somebody else keeps changing a rule; MultipleFailuresError when several rules fail;
   * AccessDeniedError, OperationAbortedError
   */
  async enableRule(stack: StackReference, options: CallOptions = {}): Promise<EventRuleReport> {
    return this.#rules.switchAll(await this.#arnsFor(stack, options), true, options);
  }

  /**
   * Disables every EventBridge rule which targets the stack's function, or its alias, on the buses of `eventBusNames`. A
   * rule which also has other targets is disabled for these as well; one which targets both stacks is skipped and reported,
   * for the partner needs it. A rule in the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` comes back as `ENABLED`
   * only: EventBridge cannot enable it otherwise.
   *
   * @remarks IAM: events:ListRuleNamesByTarget, events:DescribeRule, events:DisableRule, and for both stacks lambda:GetAlias
   * with an alias or else lambda:GetFunctionConfiguration
   * @throws WaitTimeoutError when somebody else keeps changing a rule; MultipleFailuresError when several rules fail;
   * AccessDeniedError, OperationAbortedError
   */
  async disableRule(stack: StackReference, options: CallOptions = {}): Promise<EventRuleReport> {
    return this.#rules.switchAll(await this.#arnsFor(stack, options), false, options);
  }

  /**
   * Reads an alias of the stack's function.
   *
   * @param name - the alias; the stack's own when it is left out.
   * @remarks IAM: lambda:GetAlias
   * @throws InvalidInputError when no alias is named, neither here nor in the options; AccessDeniedError,
   * OperationAbortedError
   */
  async getAlias(
    stack: StackReference,
    name?: string,
    options: CallOptions = {},
  ): Promise<AliasConfiguration> {
    const settings = this.#settingsOf(stack);
    return this.#readAlias(settings.functionName, name ?? settings.alias ?? requireAlias(stack), options);
  }

  /**
   * The version which the stack's alias runs, or `$LATEST` when the stack has no alias. While an alias is shifted between
   * two versions this is the one that the alias names, not the additional one.
   *
   * @remarks IAM: lambda:GetAlias with an alias, else lambda:GetFunctionConfiguration
   * @throws AccessDeniedError, OperationAbortedError
   */
  async getVersion(stack: StackReference, options: CallOptions = {}): Promise<string> {
    const { functionName, alias } = this.#settingsOf(stack);
    if (alias !== undefined) {
      const { FunctionVersion } = await this.#readAlias(functionName, alias, options);
      return requireField(FunctionVersion, 'FunctionVersion', { action: 'lambda:GetAlias', resource: alias });
    }
    const { Version } = await this.#readFunction(functionName, options);
    return requireField(Version, 'Version', {
      action: 'lambda:GetFunctionConfiguration',
      resource: functionName,
    });
  }

  /**
   * The newest values of the function's metrics, or of its alias's, of the last five minutes and in periods of 60 s. A
   * metric without data has no entry: that is not the same as 0. The newest minute may still be filling; its timestamp
   * tells.
   *
   * @remarks IAM: cloudwatch:GetMetricData
   * @throws UnexpectedResponseError when CloudWatch gives only a part of the data; AccessDeniedError, OperationAbortedError
   */
  async getLatestMetrics(stack: StackReference, options: CallOptions = {}): Promise<LatestLambdaMetrics> {
    const settings = this.#settingsOf(stack);
    const now = this.#clock.now();
    const input = {
      MetricDataQueries: metricQueries(settings),
      StartTime: new Date(now - metricsWindowSeconds * 1000),
      EndTime: new Date(now),
    };
    const call = { action: 'cloudwatch:GetMetricData', resource: qualifiedName(settings), ...options };
    const results = await collectPages(
      call,
      (http) => paginateGetMetricData({ client: this.#cloudWatch }, input, http),
      (page) => page.MetricDataResults,
    );
    return pickLatest(results, call);
  }

  #settingsOf(stack: StackReference): LambdaStackOptions {
    return this.#stacks[parseStackReference(stack)];
  }

  /** The stack's ARN, and its partner's unless that does not exist yet, or not any more. */
  async #arnsFor(stack: StackReference, options: CallOptions) {
    const [own, partner] = await Promise.all([
      this.#arnOf(stack, options),
      this.#arnOf(partnerOf(stack), options).catch((error: unknown) => {
        if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
        throw error;
      }),
    ]);
    return { own, partner };
  }

  /** Asks for the ARN: one put together from a name would be wrong in another partition, region or account. */
  async #arnOf(stack: StackReference, options: CallOptions): Promise<string> {
    const { functionName, alias } = this.#settingsOf(stack);
    if (alias !== undefined) {
      const { AliasArn } = await this.#readAlias(functionName, alias, options);
      return requireField(AliasArn, 'AliasArn', { action: 'lambda:GetAlias', resource: alias });
    }
    const { FunctionArn } = await this.#readFunction(functionName, options);
    return requireField(FunctionArn, 'FunctionArn', {
      action: 'lambda:GetFunctionConfiguration',
      resource: functionName,
    });
  }

  #readAlias(functionName: string, name: string, { signal }: CallOptions) {
    const call = { action: 'lambda:GetAlias', resource: `${functionName}:${name}`, signal };
    const command = new GetAliasCommand({ FunctionName: functionName, Name: name });
    return callAws(call, (http) => this.#lambda.send(command, http));
  }

  #readFunction(functionName: string, { signal }: CallOptions) {
    const call = { action: 'lambda:GetFunctionConfiguration', resource: functionName, signal };
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    return callAws(call, (http) => this.#lambda.send(command, http));
  }
}

function requireAlias(stack: StackReference): never {
  throw new InvalidInputError({
    subject: 'LambdaTools.getAlias',
    problems: [{ field: 'name', expected: `an alias, because ${stack} has none`, actual: 'nothing' }],
  });
}
