import * as v from 'valibot';

/** ARN of a target group in any partition, with CloudWatch's name for it: `targetgroup/name/id`. */
const targetGroupArn = /^arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:(targetgroup\/[^/]+\/[^/]+)$/;

/** ARN of an Application Load Balancer in any partition, with CloudWatch's name for it: `app/name/id`. */
const loadBalancerArn = /^arn:[^:]+:elasticloadbalancing:[^:]+:[^:]+:loadbalancer\/(app\/[^/]+\/[^/]+)$/;

export const targetGroupArnSchema = v.pipe(
  v.string(),
  v.check((arn) => targetGroupArn.test(arn), 'the ARN of a target group'),
);

export const loadBalancerArnSchema = v.pipe(
  v.string(),
  v.check((arn) => loadBalancerArn.test(arn), 'the ARN of an Application Load Balancer (loadbalancer/app/…)'),
);

/** Returns the dimension's value in a target group's ARN. */
export function targetGroupDimension(arn: string): string {
  return partOf(arn, targetGroupArn);
}

/** Returns the dimension's value in a load balancer's ARN. */
export function loadBalancerDimension(arn: string): string {
  return partOf(arn, loadBalancerArn);
}

/** The schema has already validated the ARN. */
function partOf(arn: string, pattern: RegExp): string {
  return pattern.exec(arn)?.[1] ?? arn;
}
