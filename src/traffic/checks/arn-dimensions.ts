import * as v from 'valibot';

/** As CloudWatch names a target group: `targetgroup/name/id`, whatever the partition. */
const targetGroupArn = /^arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:(targetgroup\/[^/]+\/[^/]+)$/;

/** As CloudWatch names an Application Load Balancer: `app/name/id`. */
const loadBalancerArn = /^arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:loadbalancer\/(app\/[^/]+\/[^/]+)$/;

/** The ARN of a target group. */
export const targetGroupArnSchema = v.pipe(
  v.string(),
  v.check((arn) => targetGroupArn.test(arn), 'the ARN of a target group'),
);

/** The ARN of an Application Load Balancer. */
export const loadBalancerArnSchema = v.pipe(
  v.string(),
  v.check((arn) => loadBalancerArn.test(arn), 'the ARN of an Application Load Balancer (loadbalancer/app/…)'),
);

/** The dimension's value in a target group's ARN. */
export function targetGroupDimension(arn: string): string {
  return partOf(arn, targetGroupArn);
}

/** The dimension's value in a load balancer's ARN. */
export function loadBalancerDimension(arn: string): string {
  return partOf(arn, loadBalancerArn);
}

/** The ARNs have been checked by their schema before. */
function partOf(arn: string, pattern: RegExp): string {
  return pattern.exec(arn)?.[1] ?? arn;
}
