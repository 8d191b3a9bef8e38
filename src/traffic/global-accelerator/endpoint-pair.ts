import type { EndpointConfiguration, EndpointDescription } from '@aws-sdk/client-global-accelerator';
import { type AwsCall, requireField } from '../../core/aws-call.js';
import { ResourceStateError } from '../../core/errors.js';
import type { StackPair, StackReference } from '../../core/stack-reference.js';
import type { TrafficWeights } from '../types.js';
import { fromScale } from '../weights.js';

/** Endpoints of the two stacks, as Global Accelerator returned them. */
export type EndpointPair = StackPair<EndpointDescription>;

/**
 * Returns the endpoints of the two stacks among all endpoints of a group.
 *
 * @throws ResourceStateError when one is missing, when there are others, or when one is of another account.
 */
export function pairIn(
  endpoints: readonly EndpointDescription[],
  ids: StackPair<string>,
  { accountId, resource }: { readonly accountId: string; readonly resource: string },
): EndpointPair {
  const endpointOf = (stack: StackReference) => endpoints.find((it) => it.EndpointId === ids[stack]);
  const [blue, green] = [endpointOf('blue'), endpointOf('green')];
  if (blue === undefined || green === undefined || endpoints.length !== 2) {
    throw new ResourceStateError('The endpoints of the group are not those of the two stacks', {
      resource,
      expected: `the endpoints ${ids.blue} and ${ids.green} alone`,
      actual: endpoints.map(({ EndpointId = '(none)' }) => EndpointId).join(', ') || 'no endpoint',
      remedy: 'Add the missing endpoint with the weight 0, remove the others, or correct endpointId',
    });
  }
  const foreign = [blue, green].find(({ EndpointId = '' }) => isOfOtherAccount(EndpointId, accountId));
  if (foreign === undefined) return { blue, green };
  throw new ResourceStateError(
    'An endpoint is of another account. A write must repeat its attachment, which Global Accelerator does not return',
    {
      resource,
      expected: `endpoints of the account ${accountId}`,
      actual: `${foreign.EndpointId}`,
      remedy: 'Use endpoints of the account of the accelerator',
    },
  );
}

/**
 * Returns the weights of two endpoints.
 *
 * @throws ResourceStateError when both weights are 0: the group then gets no traffic.
 */
export function weightsOfPair({ blue, green }: EndpointPair, call: AwsCall): TrafficWeights {
  const weightOf = ({ Weight }: EndpointDescription) => requireField(Weight, 'Weight', call);
  const weights = fromScale({ blue: weightOf(blue), green: weightOf(green) });
  if (weights !== undefined) return weights;
  throw new ResourceStateError('Neither stack gets any traffic', {
    resource: call.resource,
    expected: 'a weight above 0',
    actual: '0 for each',
    remedy: 'Route traffic to one of the stacks first',
  });
}

/** Returns the whole list of endpoints with other weights. A setting that is left out would get its default. */
export function configurationsFor(
  { blue, green }: EndpointPair,
  weights: TrafficWeights,
): EndpointConfiguration[] {
  const configure = (
    { EndpointId, ClientIPPreservationEnabled }: EndpointDescription,
    Weight: number,
  ): EndpointConfiguration => ({
    EndpointId,
    Weight,
    ...(ClientIPPreservationEnabled !== undefined && { ClientIPPreservationEnabled }),
  });
  return [configure(blue, weights.blue), configure(green, weights.green)];
}

/** True for the ARN of a resource of another account. The ID of an instance or an address names no account. */
function isOfOtherAccount(endpointId: string, accountId: string): boolean {
  const account = /^arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):/.exec(endpointId)?.[1];
  return account !== undefined && account !== accountId;
}
