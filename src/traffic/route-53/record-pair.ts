import { isDeepStrictEqual } from 'node:util';
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { ResourceStateError } from '../../core/errors.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import type { TrafficWeights } from '../types.js';
import { fromScale } from '../weights.js';

/** Weighted records of the two stacks, as Route 53 returned them. */
export type RecordPair = StackPair<ResourceRecordSet>;

const stacks = ['blue', 'green'] as const;

/** Seconds for which resolvers keep the answer of an alias to a load balancer: Route 53 chooses it. */
const aliasTtlSeconds = 60;

/**
 * Returns the records of the two stacks among all records of one name and type.
 *
 * @throws ResourceStateError when one is missing, when there are others, and for records that are not weighted.
 */
export function pairIn(
  records: readonly ResourceRecordSet[],
  setIdentifiers: StackPair<string>,
  resource: string,
): RecordPair {
  const recordOf = (stack: StackReference) =>
    records.find((it) => it.SetIdentifier === setIdentifiers[stack]);
  const [blue, green] = [recordOf('blue'), recordOf('green')];
  if (blue === undefined || green === undefined || records.length !== 2) {
    throw new ResourceStateError('The records are not those of the two stacks', {
      resource,
      expected: `the set identifiers ${setIdentifiers.blue} and ${setIdentifiers.green} alone`,
      actual: records.map(({ SetIdentifier = '(none)' }) => SetIdentifier).join(', ') || 'no record',
      remedy:
        'Create the missing record with the weight 0, remove the others, or correct recordName, recordType and setIdentifier',
    });
  }
  requireWeighted([blue, green], resource);
  return { blue, green };
}

/**
 * Returns the weights of two records.
 *
 * @throws ResourceStateError when both weights are 0: Route 53 then answers with each of them equally often.
 */
export function weightsOfPair({ blue, green }: RecordPair, resource: string): TrafficWeights {
  const weights = fromScale({ blue: blue.Weight ?? 0, green: green.Weight ?? 0 });
  if (weights !== undefined) return weights;
  throw new ResourceStateError('Both weights are 0, so Route 53 answers with both records equally often', {
    resource,
    expected: 'a weight above 0',
    actual: '0 for each',
    remedy: 'Set the weight of the record that should be answered first',
  });
}

/** Returns the seconds for which a resolver may keep an answer. */
export function ttlOf(pair: RecordPair): number {
  return Math.max(...stacks.map((stack) => pair[stack].TTL ?? aliasTtlSeconds));
}

/**
 * Returns changes that Route 53 accepts only when both records are exactly these: a deletion must repeat every value. Everything
 * but the weights is created again unchanged.
 */
export function guardedChanges(pair: RecordPair, weights: TrafficWeights): Change[] {
  return stacks.flatMap((stack): Change[] => [
    { Action: 'DELETE', ResourceRecordSet: pair[stack] },
    { Action: 'CREATE', ResourceRecordSet: { ...pair[stack], Weight: weights[stack] } },
  ]);
}

/** True when two readings are the same records with the same values. */
export function arePairsEqual(one: RecordPair, other: RecordPair): boolean {
  return stacks.every((stack) => isDeepStrictEqual(one[stack], other[stack]));
}

/** Returns the records with these weights. */
export function withWeights({ blue, green }: RecordPair, weights: TrafficWeights): RecordPair {
  return { blue: { ...blue, Weight: weights.blue }, green: { ...green, Weight: weights.green } };
}

function requireWeighted(records: readonly ResourceRecordSet[], resource: string): void {
  const managed = records.find(({ TrafficPolicyInstanceId }) => TrafficPolicyInstanceId !== undefined);
  if (managed !== undefined) {
    throw new ResourceStateError('A traffic policy manages the records, so their weights cannot be changed', {
      resource,
      expected: 'records that no traffic policy manages',
      actual: `traffic policy instance ${managed.TrafficPolicyInstanceId}`,
      remedy: 'Change the weights in the traffic policy, or replace it by weighted records',
    });
  }
  const other = records.find(({ Weight }) => Weight === undefined);
  if (other === undefined) return;
  throw new ResourceStateError('The records have another routing policy', {
    resource,
    expected: 'weighted records',
    actual: `a record ${other.SetIdentifier} without a weight`,
    remedy: 'Replace them by weighted records',
  });
}
