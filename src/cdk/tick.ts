import { Duration } from 'aws-cdk-lib';
import { type EventPattern, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

/** Triggers of the function that ends a swap: the event of a deployment, which AWS sends with best effort, and a schedule of 5 minutes. */
export function addTriggers(scope: Construct, handler: IFunction, eventPattern: EventPattern): void {
  new Rule(scope, 'DeploymentEvent', {
    description: 'Continues a swap when its deployment changes state',
    eventPattern,
    targets: [new LambdaFunction(handler)],
  });
  new Rule(scope, 'Tick', {
    description: 'Continues a swap that no event has continued',
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: [new LambdaFunction(handler)],
  });
}
