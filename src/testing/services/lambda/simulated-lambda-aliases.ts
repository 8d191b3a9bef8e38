import {
  type AliasConfiguration,
  type GetProvisionedConcurrencyConfigCommandOutput,
  InvalidParameterValueException,
  PreconditionFailedException,
  ProvisionedConcurrencyConfigNotFoundException,
} from '@aws-sdk/client-lambda';
import { clientFault, type SimulatedEnvironment } from '../../cloud/environment.js';

/** An alias of a {@link SimulatedLambdaFunction}. */
export interface SimulatedAlias {
  /** The alias's name. */
  readonly name: string;
  /** The function's ARN with the alias as its qualifier. */
  readonly arn: string;
  /** The version that the alias runs. */
  version: string;
  /** The alias's description. */
  description: string;
  /** Another version that gets a share of the invocations, 0 to 1; empty when there is none. */
  additionalVersionWeights: Readonly<Record<string, number>>;
  /** Changes with every update. */
  revisionId: string;
  /** Number of invocations with two versions. */
  invocations: number;
  /** Its provisioned concurrency; undefined when there is none. */
  provisionedConcurrency?: SimulatedProvisionedConcurrency | undefined;
}

/** Provisioned concurrency of a {@link SimulatedAlias}. */
export interface SimulatedProvisionedConcurrency {
  /** Requested executions. */
  readonly executions: number;
  /** Virtual seconds of an allocation to another version. */
  readonly allocationSeconds: number;
  /** Versions for which Lambda cannot allocate them. */
  readonly failsFor: readonly string[];
  /** The state of the allocation to the alias's version. */
  status: 'IN_PROGRESS' | 'READY' | 'FAILED';
}

/** The clock of the cloud, and its identifiers. */
type AliasEnvironment = Pick<SimulatedEnvironment, 'clock' | 'nextId'>;

/**
 * Allocates the provisioned concurrency of an alias with a new version. Lambda routes all traffic to the previous version
 * until the allocation is complete, and permanently when it fails.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
export function allocateConcurrency(
  alias: SimulatedAlias,
  before: Pick<SimulatedAlias, 'version' | 'additionalVersionWeights'>,
  { clock, nextId }: AliasEnvironment,
): void {
  const { provisionedConcurrency: concurrency, version } = alias;
  const isSplit = Object.keys(alias.additionalVersionWeights).length > 0;
  if (concurrency === undefined || before.version === version || isSplit) return;
  if (before.additionalVersionWeights[version] === 1) {
    // The version still has the traffic and its concurrency, so the other allocation is cancelled.
    concurrency.status = 'READY';
    return;
  }
  const routing = { [before.version]: 1 };
  const isFailure = concurrency.failsFor.includes(version);
  alias.additionalVersionWeights = routing;
  concurrency.status = isFailure ? 'FAILED' : 'IN_PROGRESS';
  if (isFailure) return;
  clock.schedule(concurrency.allocationSeconds, () => {
    // A later update has replaced the routing.
    if (alias.additionalVersionWeights !== routing) return;
    Object.assign(alias, { additionalVersionWeights: {}, revisionId: nextId() });
    concurrency.status = 'READY';
  });
}

/** Returns the provisioned concurrency of an alias as Lambda does. */
export function describeConcurrency(
  concurrency: SimulatedProvisionedConcurrency | undefined,
): Omit<GetProvisionedConcurrencyConfigCommandOutput, '$metadata'> {
  if (concurrency === undefined) {
    const message = 'No Provisioned Concurrency Config found for this function';
    throw new ProvisionedConcurrencyConfigNotFoundException(clientFault(message, 404));
  }
  const { executions, status } = concurrency;
  const allocated = status === 'READY' ? executions : 0;
  return {
    RequestedProvisionedConcurrentExecutions: executions,
    AllocatedProvisionedConcurrentExecutions: allocated,
    AvailableProvisionedConcurrentExecutions: allocated,
    Status: status,
    ...(status === 'FAILED' && { StatusReason: 'FUNCTION_ERROR_INIT_FAILURE' }),
  };
}

/** Returns an alias as Lambda does: without a routing configuration when there is one version. */
export function describeAlias(alias: SimulatedAlias): AliasConfiguration {
  const { arn, name, version, description, additionalVersionWeights, revisionId } = alias;
  return {
    AliasArn: arn,
    Name: name,
    FunctionVersion: version,
    Description: description,
    RevisionId: revisionId,
    ...(Object.keys(additionalVersionWeights).length > 0 && {
      RoutingConfig: { AdditionalVersionWeights: { ...additionalVersionWeights } },
    }),
  };
}

/** Returns the share of each version, in percent. */
export function splitOf({ version, additionalVersionWeights }: SimulatedAlias): Record<string, number> {
  const extra = Object.entries(additionalVersionWeights).map(
    ([name, weight]) => [name, weight * 100] as const,
  );
  const rest = extra.reduce((left, [, percent]) => left - percent, 100);
  return Object.fromEntries([[version, rest], ...extra]);
}

/** Refuses an update whose revision ID is outdated. */
export function checkRevision({ revisionId }: SimulatedAlias, given: string | undefined): void {
  if (given === undefined || given === revisionId) return;
  const message = 'The RevisionId provided does not match the latest RevisionId. Call GetAlias to get it';
  throw new PreconditionFailedException(clientFault(message, 412));
}

/** Validates an alias with two versions as Lambda does. */
export function checkRouting({
  version,
  additionalVersionWeights,
}: Pick<SimulatedAlias, 'version' | 'additionalVersionWeights'>): void {
  const extra = Object.entries(additionalVersionWeights);
  if (extra.length > 1) throw invalid('A routing configuration has one additional version');
  for (const [name, weight] of extra) {
    if (!/^\d+$/.test(name) || !/^\d+$/.test(version))
      throw invalid('An alias with a routing configuration has published versions only');
    if (name === version) throw invalid(`The version ${name} is there twice`);
    if (!(weight >= 0 && weight <= 1)) throw invalid('The weight of a version is 0 to 1');
  }
}

function invalid(message: string): InvalidParameterValueException {
  return new InvalidParameterValueException(clientFault(message));
}
