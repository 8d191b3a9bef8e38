import { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  type AliasConfiguration,
  type EventSourceMappingConfiguration,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { type CallOptions, collectPages, requireField } from '../core/aws-call.js';
import { resolveClients } from '../core/clients.js';
import type { Clock } from '../core/clock.js';
import { invalidInput, ResourceNotFoundError } from '../core/errors.js';
import type { MatchOptions } from '../core/match-options.js';
import { callOptionsSchema, waitOptionsSchema } from '../core/schemas.js';
import {
  parseStackReference,
  partnerOf,
  type StackPair,
  type StackReference,
} from '../core/stack-reference.js';
import { toolDependencies } from '../core/tool-options.js';
import { parseInput } from '../core/validate.js';
import { EventRules, type TargetArns } from './event-rules.js';
import { EventSourceMappings } from './event-source-mappings.js';
import { qualifiedName } from './function-names.js';
import { readAlias, readFunction, targetArns } from './function-reads.js';
import { metricQueries, metricsWindowSeconds, pickLatest } from './latest-metrics.js';
import {
  aliasNameSchema,
  mappingStateSchema,
  mappingSwitchSchema,
  matchingOptionsSchema,
  matchOptionsSchema,
  parseEventSource,
  parseOptions,
  ruleSwitchSchema,
  uuidSchema,
} from './options.js';
import type {
  EventMappingMatchOptions,
  EventMappingOptions,
  EventMappingReport,
  EventMappingState,
  EventMappingSwitchOptions,
  EventRuleOptions,
  EventRuleReport,
  EventSourceMappingParameters,
  LambdaStackOptions,
  LambdaToolsClients,
  LambdaToolsOptions,
  LatestLambdaMetrics,
  ListedRule,
} from './types.js';

/**
 * Enables and disables the event sources of a stack's function: its event source mappings (queues and streams) and its
 * EventBridge rules. The two stacks are two functions, or two aliases of one. Schedules of EventBridge Scheduler are not
 * covered yet.
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

  /** @throws InvalidInputError when an option is unknown, missing or malformed, or when both stacks are the same function. */
  constructor(options: LambdaToolsOptions) {
    const { blue, green, eventBusNames, ...settings } = parseOptions(options);
    const { clock, logger } = toolDependencies(settings);
    const clients = resolveClients<LambdaToolsClients>(options, {
      lambda: LambdaClient,
      eventBridge: EventBridgeClient,
      cloudWatch: CloudWatchClient,
    });
    this.#stacks = { blue, green };
    this.#lambda = clients.lambda;
    this.#cloudWatch = clients.cloudWatch;
    this.#clock = clock;
    this.#mappings = new EventSourceMappings({ lambda: clients.lambda, clock, logger });
    this.#rules = new EventRules({ eventBridge: clients.eventBridge, eventBusNames, clock, logger });
  }

  /**
   * Lets an event source invoke the stack's function, or its alias. Returns an existing mapping of the two unchanged,
   * whatever its settings; one that is being deleted is waited for and created again. Returns when Lambda has accepted the
   * mapping, whose state is `Creating` then ({@link waitForEventMappingState}).
   *
   * @param eventSourceArn - ARN of the source; `undefined` for a self-managed Kafka cluster, whose brokers are in
   * `parameters.SelfManagedEventSource`.
   * @param parameters - the other settings of the mapping, such as `BatchSize`, `StartingPosition` or `Enabled`.
   * @remarks IAM: lambda:CreateEventSourceMapping, lambda:ListEventSourceMappings
   * @throws InvalidInputError, WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async createEventSourceMapping(
    stack: StackReference,
    eventSourceArn: string | undefined,
    parameters: EventSourceMappingParameters = {},
    options: EventMappingOptions = {},
  ): Promise<EventSourceMappingConfiguration> {
    const settings = this.#settingsOf(stack);
    const source = parseEventSource(eventSourceArn, parameters);
    const parsed = parseInput('LambdaTools.createEventSourceMapping options', waitOptionsSchema, options);
    return this.#mappings.create(settings, source, parsed);
  }

  /**
   * Deletes an event source mapping of the stack's function, or of its alias. Returns when Lambda has accepted that; the
   * mapping is gone a little later. One that is gone, or being deleted, counts as deleted; another transition is waited
   * for.
   *
   * @remarks IAM: lambda:GetEventSourceMapping, lambda:DeleteEventSourceMapping
   * @throws ResourceStateError when the mapping belongs to another function.
   * @throws InvalidInputError, WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async deleteEventMapping(
    stack: StackReference,
    uuid: string,
    options: EventMappingOptions = {},
  ): Promise<void> {
    const settings = this.#settingsOf(stack);
    const subject = 'LambdaTools.deleteEventMapping';
    const parsed = parseInput(`${subject} options`, waitOptionsSchema, options);
    await this.#mappings.delete(settings, parseInput(subject, uuidSchema, { uuid }).uuid, parsed);
  }

  /**
   * Enables every event source mapping of the stack's function, or of its alias. Returns when Lambda has accepted that; the
   * mappings read their sources a little later, or fall back when they cannot ({@link waitForEventMappingState}). Mappings
   * that are enabled or enabling stay unchanged. Waits for any other transition to end.
   *
   * @remarks IAM: lambda:ListEventSourceMappings, lambda:GetEventSourceMapping, lambda:UpdateEventSourceMapping
   * @throws ResourceNotFoundError when there is no mapping, unless `allowNone` is true; MultipleFailuresError when several
   * mappings fail; WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async enableEventMapping(
    stack: StackReference,
    options: EventMappingSwitchOptions = {},
  ): Promise<EventMappingReport> {
    const parsed = parseInput('LambdaTools.enableEventMapping options', mappingSwitchSchema, options);
    return this.#mappings.switchAll(this.#settingsOf(stack), 'Enabled', parsed);
  }

  /**
   * Disables every event source mapping of the stack's function, or of its alias. Returns when Lambda has accepted that;
   * until a mapping is `Disabled` the function may be invoked ({@link waitForEventMappingState}). Mappings that are
   * disabled or disabling stay unchanged. Waits for any other transition to end.
   *
   * @remarks IAM: lambda:ListEventSourceMappings, lambda:GetEventSourceMapping, lambda:UpdateEventSourceMapping
   * @throws ResourceNotFoundError when there is no mapping, unless `allowNone` is true; MultipleFailuresError when several
   * mappings fail; WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async disableEventMapping(
    stack: StackReference,
    options: EventMappingSwitchOptions = {},
  ): Promise<EventMappingReport> {
    const parsed = parseInput('LambdaTools.disableEventMapping options', mappingSwitchSchema, options);
    return this.#mappings.switchAll(this.#settingsOf(stack), 'Disabled', parsed);
  }

  /**
   * Lists every event source mapping of the stack's function, or of its alias, without those of the function's other
   * aliases and versions.
   *
   * @remarks IAM: lambda:ListEventSourceMappings
   * @throws AccessDeniedError, OperationAbortedError
   */
  async listEventSourceMappings(
    stack: StackReference,
    options: CallOptions = {},
  ): Promise<EventSourceMappingConfiguration[]> {
    const parsed = parseInput('LambdaTools.listEventSourceMappings options', callOptionsSchema, options);
    return [...(await this.#mappings.list(this.#settingsOf(stack), parsed))];
  }

  /**
   * Waits until every event source mapping of the stack's function, or of its alias, is in a state. A mapping that is being
   * deleted is waited for as well. Without any mapping the function is `Disabled`, and `Enabled` only with `allowNone:
   * true`.
   *
   * @param options - `maxWaitSeconds` is 300 by default.
   * @remarks IAM: lambda:ListEventSourceMappings, lambda:GetEventSourceMapping, and for a function without mappings
   * lambda:GetAlias with an alias or else lambda:GetFunctionConfiguration
   * @throws ResourceStateError as soon as a mapping has fallen back to the other state, with Lambda's reason;
   * ResourceNotFoundError when the function does not exist; WaitTimeoutError, AccessDeniedError, OperationAbortedError
   */
  async waitForEventMappingState(
    stack: StackReference,
    state: EventMappingState,
    options: EventMappingMatchOptions = {},
  ): Promise<void> {
    const subject = 'LambdaTools.waitForEventMappingState';
    const wanted = parseInput(subject, mappingStateSchema, { state }).state;
    const parsed = parseInput(`${subject} options`, matchingOptionsSchema, options);
    await this.#mappings.waitFor(this.#settingsOf(stack), wanted, parsed);
  }

  /**
   * Enables every EventBridge rule that targets the stack's function, or its alias, on the buses of `eventBusNames`. A
   * stack without an alias owns the rules of the function and of all its versions and aliases, unless the partner is an
   * alias of the same function. A rule that also has other targets is enabled for these as well; one that targets both
   * stacks is skipped and reported. New events may take a short while to match. Schedules of EventBridge Scheduler are not
   * covered yet.
   *
   * @remarks IAM: events:ListRules, events:ListRuleNamesByTarget, events:EnableRule, and for both stacks lambda:GetAlias with an
   * alias or else lambda:GetFunctionConfiguration, lambda:ListVersionsByFunction and lambda:ListAliases
   * @throws ResourceNotFoundError when no rule targets the function, unless `allowNone` is true, or when the function or an
   * event bus does not exist; WaitTimeoutError when another change of a rule does not end; MultipleFailuresError when several rules fail;
   * AccessDeniedError, OperationAbortedError
   */
  async enableRule(stack: StackReference, options: EventRuleOptions = {}): Promise<EventRuleReport> {
    return this.#switchRules(stack, { enabled: true, method: 'enableRule', options });
  }

  /**
   * Disables every EventBridge rule that targets the stack's function, or its alias, on the buses of `eventBusNames`. A
   * stack without an alias owns the rules of the function and of all its versions and aliases, unless the partner is an
   * alias of the same function. A rule that also has other targets is disabled for these as well; one that targets both
   * stacks is skipped and reported, because the partner needs it. A rule in the state
   * `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` is only `ENABLED` when it is enabled again: EventBridge cannot enable
   * it otherwise.
   *
   * Schedules of EventBridge Scheduler that invoke the function are not covered yet and keep running. Disable them by
   * `UpdateSchedule`.
   *
   * @remarks IAM: events:ListRules, events:ListRuleNamesByTarget, events:DisableRule, and for both stacks lambda:GetAlias with an
   * alias or else lambda:GetFunctionConfiguration, lambda:ListVersionsByFunction and lambda:ListAliases
   * @throws ResourceNotFoundError when no rule targets the function, unless `allowNone` is true, or when the function or an
   * event bus does not exist; WaitTimeoutError when another change of a rule does not end; MultipleFailuresError when several rules fail;
   * AccessDeniedError, OperationAbortedError
   */
  async disableRule(stack: StackReference, options: EventRuleOptions = {}): Promise<EventRuleReport> {
    return this.#switchRules(stack, { enabled: false, method: 'disableRule', options });
  }

  /**
   * Lists the EventBridge rules that {@link enableRule} and {@link disableRule} find, also those that they skip.
   *
   * @remarks IAM: events:ListRules, events:ListRuleNamesByTarget, and for both stacks lambda:GetAlias with an alias or else
   * lambda:GetFunctionConfiguration, lambda:ListVersionsByFunction and lambda:ListAliases
   * @throws ResourceNotFoundError when no rule targets the function, unless `allowNone` is true, or when the function or an
   * event bus does not exist; AccessDeniedError, OperationAbortedError
   */
  async listRules(stack: StackReference, options: MatchOptions = {}): Promise<ListedRule[]> {
    const settings = this.#settingsOf(stack);
    const parsed = parseInput('LambdaTools.listRules options', matchOptionsSchema, options);
    const arns = this.#targetArns(settings, this.#settingsOf(partnerOf(stack)), parsed);
    return this.#rules.list(qualifiedName(settings), arns, parsed);
  }

  /**
   * Reads an alias of the stack's function.
   *
   * @param name - the alias.
   * @defaultValue the stack's own alias
   * @remarks IAM: lambda:GetAlias
   * @throws InvalidInputError when no alias is named, neither here nor in the options; ResourceNotFoundError when the function
   * or the alias does not exist; AccessDeniedError, OperationAbortedError
   */
  async getAlias(
    stack: StackReference,
    name?: string,
    options: CallOptions = {},
  ): Promise<AliasConfiguration> {
    const settings = this.#settingsOf(stack);
    const parsed = parseInput('LambdaTools.getAlias', aliasNameSchema, { name });
    const callOptions = parseInput('LambdaTools.getAlias options', callOptionsSchema, options);
    const alias = parsed.name ?? settings.alias ?? requireAlias(stack);
    return readAlias(this.#lambda, settings.functionName, alias, callOptions);
  }

  /**
   * Reads the version which the stack's alias runs, or `$LATEST` when the stack has no alias. While an alias is shifted
   * between two versions this is the one that the alias names, not the additional one.
   *
   * @remarks IAM: lambda:GetAlias with an alias, else lambda:GetFunctionConfiguration
   * @throws ResourceNotFoundError when the function or the alias does not exist; AccessDeniedError, OperationAbortedError
   */
  async getVersion(stack: StackReference, options: CallOptions = {}): Promise<string> {
    const { functionName, alias } = this.#settingsOf(stack);
    const parsed = parseInput('LambdaTools.getVersion options', callOptionsSchema, options);
    if (alias !== undefined) {
      const { FunctionVersion } = await readAlias(this.#lambda, functionName, alias, parsed);
      return requireField(FunctionVersion, 'FunctionVersion', { action: 'lambda:GetAlias', resource: alias });
    }
    const { Version } = await readFunction(this.#lambda, functionName, parsed);
    return requireField(Version, 'Version', {
      action: 'lambda:GetFunctionConfiguration',
      resource: functionName,
    });
  }

  /**
   * Reads the newest values of the function's metrics, or of its alias's, of the last five minutes and in periods of 60 s.
   * A metric without data has no entry, which is not the same as 0. The newest minute may still be filling; its timestamp
   * shows which one it is.
   *
   * @remarks IAM: cloudwatch:GetMetricData
   * @throws UnexpectedResponseError when CloudWatch returns only a part of the data; AccessDeniedError,
   * OperationAbortedError
   */
  async getLatestMetrics(stack: StackReference, options: CallOptions = {}): Promise<LatestLambdaMetrics> {
    const settings = this.#settingsOf(stack);
    const parsed = parseInput('LambdaTools.getLatestMetrics options', callOptionsSchema, options);
    const now = this.#clock.now();
    const input = {
      MetricDataQueries: metricQueries(settings),
      StartTime: new Date(now - metricsWindowSeconds * 1000),
      EndTime: new Date(now),
    };
    const call = { action: 'cloudwatch:GetMetricData', resource: qualifiedName(settings), ...parsed };
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

  #switchRules(
    stack: StackReference,
    {
      enabled,
      method,
      options,
    }: { readonly enabled: boolean; readonly method: string; readonly options: EventRuleOptions },
  ): Promise<EventRuleReport> {
    const settings = this.#settingsOf(stack);
    const parsed = parseInput(`LambdaTools.${method} options`, ruleSwitchSchema, options);
    const arns = this.#targetArns(settings, this.#settingsOf(partnerOf(stack)), parsed);
    return this.#rules.switchAll(qualifiedName(settings), arns, { ...parsed, enabled });
  }

  /** A partner that does not exist yet, or not any more, is no target. */
  async #targetArns(
    own: LambdaStackOptions,
    partner: LambdaStackOptions,
    { signal }: CallOptions,
  ): Promise<TargetArns> {
    const [ownArns, partnerArns] = await Promise.all([
      targetArns(this.#lambda, own, { partner, signal }),
      targetArns(this.#lambda, partner, { partner: own, signal }).catch((error: unknown) => {
        if (error instanceof ResourceNotFoundError) return [];
        throw error;
      }),
    ]);
    return { own: ownArns, partner: partnerArns };
  }
}

function requireAlias(stack: StackReference): never {
  throw invalidInput('LambdaTools.getAlias', {
    field: 'name',
    expected: `an alias, because ${stack} has none`,
    actual: 'nothing',
  });
}
