import { invalidInput } from '../../core/errors.js';

/**
 * Rejects rules of several load balancers: a target group belongs to one, so they cannot forward to the same pair.
 *
 * @throws InvalidInputError for rules of several load balancers.
 */
export function requireOneLoadBalancer(subject: string, ruleArns: readonly string[]): void {
  const found = ruleArns.map(loadBalancerIn).filter((it) => it !== undefined);
  const different = [...new Set(found)];
  if (different.length <= 1) return;
  throw invalidInput(subject, {
    field: 'ruleArns',
    expected:
      'rules of one load balancer, because a target group belongs to one (use a CompositeTarget of one target for each load balancer)',
    actual: `rules of ${different.join(' and ')}`,
  });
}

/** Returns the part `app/web/50dc…` of a rule's ARN; undefined for another format. */
function loadBalancerIn(ruleArn: string): string | undefined {
  return /:listener-rule\/(\w+\/[^/]+\/[^/]+)\//.exec(ruleArn)?.[1];
}
