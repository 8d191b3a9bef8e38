import {
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  type RoutingConfigurationListItem,
  SFNClient,
  UpdateStateMachineAliasCommand,
} from '@aws-sdk/client-sfn';
import * as v from 'valibot';
import { type CallOptions, callAws, requireField } from '../../core/aws-call.js';
import { resolveClients } from '../../core/clients.js';
import { invalidInput, ResourceStateError, UnexpectedResponseError } from '../../core/errors.js';
import { type PossiblyMissing, requireFound } from '../../core/not-found.js';
import type { Permission } from '../../core/permissions.js';
import { stackPair, strictObject } from '../../core/schemas.js';
import { parseStackReference, type StackPair, type StackReference } from '../../core/stack-reference.js';
import {
  clientOptionsOf,
  dependenciesOf,
  type ToolOptions,
  toolOptionsEntries,
} from '../../core/tool-options.js';
import { parseInput, requireDistinct } from '../../core/validate.js';
import { LastReading } from '../targets/last-reading.js';
import {
  parseHealthOptions,
  parseReadOptions,
  parseWeights,
  parseWriteOptions,
} from '../targets/target-options.js';
import type { ReadWeightsOptions, TargetHealth, TrafficTarget, TrafficWeights } from '../types.js';
import { isPair, toScale } from '../weights.js';
import { stepFunctionsAliasPermissions } from './permissions.js';

/** Version of a stack. */
export interface StepFunctionsStackOptions {
  /** ARN of the published version of the state machine, as `PublishStateMachineVersion` returns it. */
  readonly stateMachineVersionArn: string;
}

/** Clients of {@link StepFunctionsAliasTarget}. */
export interface StepFunctionsAliasTargetClients {
  /** AWS Step Functions. */
  readonly stepFunctions: SFNClient;
}

/** Options of {@link StepFunctionsAliasTarget}. */
export type StepFunctionsAliasTargetOptions = ToolOptions<
  StepFunctionsStackOptions,
  StepFunctionsAliasTargetClients
> & {
  /** ARN of the alias that starts the executions. */
  readonly stateMachineAliasArn: string;
};

/** Sum of the two weights of an alias, which are whole numbers. */
const total = 100;

const machineArn = 'arn:(?:aws[\\w-]*):states:[\\w-]+:\\d{12}:stateMachine:[^:]+';

const subject = 'StepFunctionsAliasTarget options';

const optionsSchema = strictObject({
  ...toolOptionsEntries,
  ...stackPair(
    strictObject({
      stateMachineVersionArn: arnOf(
        '\\d+',
        'the ARN of a version (arn:aws:states:REGION:ACCOUNT:stateMachine:NAME:VERSION)',
      ),
    }),
  ),
  stateMachineAliasArn: arnOf(
    '[^:]+',
    'the ARN of an alias (arn:aws:states:REGION:ACCOUNT:stateMachine:NAME:ALIAS)',
  ),
});

/**
 * Target for an alias of an AWS Step Functions state machine: two published versions of one state machine. Only executions that
 * are started through the alias are split.
 *
 * The alias is eventually consistent: executions that are started some seconds after a write may still use the previous weights.
 * An execution stays with the version that it was started with. An alias has no revision, so only a read can detect another
 * writer.
 *
 * @remarks IAM: states:DescribeStateMachineAlias, states:UpdateStateMachineAlias, states:DescribeStateMachine
 * @example
 * ```ts
 * import { linear, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
 * import { StepFunctionsAliasTarget } from 'aws-blue-green-toolkit/traffic/step-functions';
 *
 * const machine = 'arn:aws:states:eu-west-1:111122223333:stateMachine:orders';
 * const shifter = new TrafficShifter({
 *   target: new StepFunctionsAliasTarget({
 *     stateMachineAliasArn: `${machine}:live`,
 *     blue: { stateMachineVersionArn: `${machine}:11` },
 *     green: { stateMachineVersionArn: `${machine}:12` },
 *   }),
 * });
 *
 * const { outcome } = await shifter.shiftTo('green', linear({ stepPercent: 10, intervalSeconds: 60 }));
 * ```
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_UpdateStateMachineAlias.html
 */
export class StepFunctionsAliasTarget implements TrafficTarget {
  /** `Step Functions alias orders:live` */
  readonly description: string;
  /** Permissions of its methods. */
  readonly permissions: readonly Permission[] = Object.values(stepFunctionsAliasPermissions).flat();
  readonly #versionArns: StackPair<string>;
  readonly #aliasArn: string;
  readonly #stepFunctions: SFNClient;
  /** Last reading, which the next write changes. */
  readonly #lastRead: LastReading<readonly RoutingConfigurationListItem[]>;

  /**
   * @throws InvalidInputError when an option is missing, unknown or malformed, when both stacks are the same version, or when the
   * alias and the versions are not of one state machine.
   */
  constructor(options: StepFunctionsAliasTargetOptions) {
    const parsed = parseInput(subject, optionsSchema, options);
    const { blue, green, stateMachineAliasArn } = parsed;
    const versionArns = { blue: blue.stateMachineVersionArn, green: green.stateMachineVersionArn };
    requireDistinct(subject, 'stateMachineVersionArn', [versionArns.blue], [versionArns.green]);
    requireOneMachine(stateMachineAliasArn, versionArns);
    this.#versionArns = versionArns;
    this.#aliasArn = stateMachineAliasArn;
    this.description = `Step Functions alias ${stateMachineAliasArn.replace(/^.*:stateMachine:/, '')}`;
    this.#stepFunctions = resolveClients<StepFunctionsAliasTargetClients>(clientOptionsOf(parsed), {
      stepFunctions: SFNClient,
    }).stepFunctions;
    this.#lastRead = new LastReading({
      ...dependenciesOf(parsed),
      resource: this.description,
      read: (call) => this.#read(call),
    });
  }

  /**
   * Reads the weights of the two versions. A version that the alias does not name has 0 %. One of an earlier release that is left
   * in the alias with the weight 0 does not count.
   *
   * @remarks IAM: states:DescribeStateMachineAlias
   * @throws ResourceStateError when another version of the alias has traffic; ResourceNotFoundError when the alias does not exist;
   * AccessDeniedError
   */
  async readWeights(options: ReadWeightsOptions = {}): Promise<TrafficWeights> {
    const { signal } = parseReadOptions(options);
    return this.#lastRead.judge(this.#read({ signal }), (routes) => this.#weightsOf(routes));
  }

  /**
   * Changes the two weights. A version that the alias does not name is added, and one of the two without traffic stays. A version of
   * an earlier release without traffic is removed, because an alias has two at most. The description of the alias stays. Executions
   * follow some seconds later.
   *
   * @remarks IAM: states:UpdateStateMachineAlias, and states:DescribeStateMachineAlias when nothing was read before
   * @throws ResourceStateError when another version of the alias has traffic; ResourceNotFoundError when the alias or a version
   * does not exist; AccessDeniedError
   */
  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const to = this.nearestWeights(weights);
    const { signal } = parseWriteOptions(options);
    await this.#lastRead.change(to, { signal }, async (routes) => {
      const from = this.#weightsOf(routes);
      const call = { action: 'states:UpdateStateMachineAlias', resource: this.description, signal };
      const command = new UpdateStateMachineAliasCommand({
        stateMachineAliasArn: this.#aliasArn,
        // Weights that seem live already are written too, because the reading may be stale.
        routingConfiguration: this.#routesFor(routes, to),
      });
      await requireFound([this.#missing], () =>
        callAws(call, (http) => this.#stepFunctions.send(command, http)),
      );
      return [from];
    });
  }

  /**
   * Returns the weights to the nearest whole percent. A share above zero is at least 1 %.
   *
   * @throws InvalidInputError for weights that are not 100 % together.
   */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return toScale(parseWeights(weights), total);
  }

  /**
   * Returns 1 of 1 when the state machine of the version is active.
   *
   * @remarks IAM: states:DescribeStateMachine
   * @throws ResourceNotFoundError when the version does not exist; AccessDeniedError, OperationAbortedError
   */
  async readHealth(stack: StackReference, options: CallOptions = {}): Promise<TargetHealth> {
    const stateMachineArn = this.#versionArns[parseStackReference(stack)];
    const { signal } = parseHealthOptions(options);
    const call = { action: 'states:DescribeStateMachine', resource: stateMachineArn, signal };
    // Without the definition and the log settings, which the health does not need.
    const command = new DescribeStateMachineCommand({ stateMachineArn, includedData: 'METADATA_ONLY' });
    const missing = {
      errorName: 'StateMachineDoesNotExist',
      kind: 'State machine version',
      resource: stateMachineArn,
      remedy: `Check ${stack}.stateMachineVersionArn, and publish the version before the shift`,
    };
    const { status } = await requireFound([missing], () =>
      callAws(call, (http) => this.#stepFunctions.send(command, http)),
    );
    if (requireField(status, 'status', call) === 'ACTIVE') return { healthy: 1, total: 1 };
    return { healthy: 0, total: 1, detail: `the state machine is ${status}` };
  }

  async #read({ signal }: CallOptions): Promise<readonly RoutingConfigurationListItem[]> {
    const call = { ...this.#reading(), signal };
    const command = new DescribeStateMachineAliasCommand({ stateMachineAliasArn: this.#aliasArn });
    const { routingConfiguration } = await requireFound([this.#missing], () =>
      callAws(call, (http) => this.#stepFunctions.send(command, http)),
    );
    const routes = requireField(routingConfiguration, 'routingConfiguration', call);
    // A release leaves its outgoing version with the weight 0, which is neither stack of the next release.
    const { blue, green } = this.#versionArns;
    return routes.filter(
      ({ stateMachineVersionArn: arn, weight }) => arn === blue || arn === green || weight !== 0,
    );
  }

  #weightsOf(routes: readonly RoutingConfigurationListItem[]): TrafficWeights {
    const { blue, green } = this.#versionArns;
    const arns = routes.map(({ stateMachineVersionArn = '(none)' }) => stateMachineVersionArn);
    if (arns.some((arn) => arn !== blue && arn !== green)) {
      throw new ResourceStateError('The alias has other versions than the two stacks', {
        resource: this.description,
        expected: `${blue} and ${green} alone`,
        actual: arns.join(', '),
        remedy: 'Set the versions of the stacks to those of the alias, or change the alias first',
      });
    }
    const weightOf = (arn: string) => routes.find((it) => it.stateMachineVersionArn === arn)?.weight ?? 0;
    const weights = { blue: weightOf(blue), green: weightOf(green) };
    if (isPair(weights)) return weights;
    const actual = JSON.stringify(routes.map(({ weight }) => weight));
    const field = 'routingConfiguration with weights that are 100 together';
    throw new UnexpectedResponseError({ ...this.#reading(), field, actual });
  }

  /** Returns the versions in the order of the alias, with other weights. A version without traffic is not added. */
  #routesFor(
    routes: readonly RoutingConfigurationListItem[],
    weights: TrafficWeights,
  ): RoutingConfigurationListItem[] {
    const { blue, green } = this.#versionArns;
    const weightOf = (arn: string | undefined) => (arn === blue ? weights.blue : weights.green);
    const isNamed = (arn: string) => routes.some((it) => it.stateMachineVersionArn === arn);
    const added = [blue, green].filter((arn) => !isNamed(arn) && weightOf(arn) > 0);
    return [...routes.map((it) => it.stateMachineVersionArn), ...added].map((stateMachineVersionArn) => ({
      stateMachineVersionArn,
      weight: weightOf(stateMachineVersionArn),
    }));
  }

  #reading() {
    return { action: 'states:DescribeStateMachineAlias', resource: this.description };
  }

  get #missing(): PossiblyMissing {
    return {
      errorName: 'ResourceNotFound',
      kind: 'Step Functions alias',
      resource: this.#aliasArn,
      remedy:
        'Check stateMachineAliasArn and the versions of both stacks, and the Region and account of the client',
    };
  }
}

/* @__NO_SIDE_EFFECTS__ */
function arnOf(qualifier: string, expected: string) {
  const pattern = new RegExp(`^${machineArn}:${qualifier}$`);
  return v.pipe(
    v.string(),
    v.check((value) => pattern.test(value), expected),
  );
}

/** @throws InvalidInputError when a version is of another state machine than the alias. */
function requireOneMachine(aliasArn: string, versionArns: StackPair<string>): void {
  const machineOf = (arn: string) => arn.replace(/:[^:]+$/, '');
  const stack = (['blue', 'green'] as const).find((it) => machineOf(versionArns[it]) !== machineOf(aliasArn));
  if (stack === undefined) return;
  throw invalidInput(subject, {
    field: `${stack}.stateMachineVersionArn`,
    expected: `a version of ${machineOf(aliasArn)}, the state machine of the alias`,
    actual: versionArns[stack],
  });
}
