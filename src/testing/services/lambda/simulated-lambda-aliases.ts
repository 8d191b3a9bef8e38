import {
  type AliasConfiguration,
  InvalidParameterValueException,
  PreconditionFailedException,
} from '@aws-sdk/client-lambda';
import { clientFault } from '../../cloud/environment.js';

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
  /** Another one after every change. */
  revisionId: string;
  /** Number of invocations while the alias had two versions. */
  invocations: number;
}

/** An alias as Lambda shows it: without a routing configuration when there is one version only. */
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

/** The share of each version, in percent. */
export function splitOf({ version, additionalVersionWeights }: SimulatedAlias): Record<string, number> {
  const extra = Object.entries(additionalVersionWeights).map(
    ([name, weight]) => [name, weight * 100] as const,
  );
  const rest = extra.reduce((left, [, percent]) => left - percent, 100);
  return Object.fromEntries([[version, rest], ...extra]);
}

/** Refuses a change that was made from an old reading of the alias. */
export function checkRevision({ revisionId }: SimulatedAlias, given: string | undefined): void {
  if (given === undefined || given === revisionId) return;
  const message = 'The RevisionId provided does not match the latest RevisionId. Call GetAlias to get it';
  throw new PreconditionFailedException(clientFault(message, 412));
}

/** Lambda's rules for an alias with two versions. */
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
