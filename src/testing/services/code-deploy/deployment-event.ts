import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedServiceEvent } from '../event-bridge/event-deliveries.js';
import type { DeploymentRecord } from './deployment-record.js';

/**
 * Returns the event of a deployment, which CodeDeploy sends with best effort.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codedeploy.html
 */
export function deploymentEvent(
  environment: SimulatedEnvironment,
  { deploymentId, identity }: DeploymentRecord,
  state: string,
): SimulatedServiceEvent {
  const { group, place } = identity;
  const { application } = place;
  return {
    source: 'aws.codedeploy',
    detailType: 'CodeDeploy Deployment State-change Notification',
    resources: [
      environment.arn('codedeploy', `deploymentgroup:${application}/${group}`),
      environment.arn('codedeploy', `application:${application}`),
    ],
    detail: {
      region: environment.region,
      deploymentId,
      instanceGroupId: '00000000-0000-4000-9000-000000000000',
      deploymentGroup: group,
      state,
      application,
    },
  };
}
