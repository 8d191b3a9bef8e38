import type { SimulatedEnvironment } from '../../cloud/environment.js';
import type { SimulatedCloudWatch } from '../cloudwatch/simulated-cloudwatch.js';
import type { SimulatedDeployment } from './simulated-deployment.js';

/** Seconds between two reads of the alarms. */
const pollSeconds = 10;

/**
 * Stops a deployment as soon as one of the alarms is active. Returns a function that ends the watch.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
 */
export function watchAlarms(
  alarms: readonly string[],
  deployment: SimulatedDeployment,
  { cloudWatch, environment }: { cloudWatch: SimulatedCloudWatch; environment: SimulatedEnvironment },
): () => void {
  if (alarms.length === 0) return () => {};
  return environment.clock.every(pollSeconds, () => {
    const active = alarms.filter((name) => cloudWatch.alarmState(name) === 'ALARM');
    if (active.length === 0) return;
    const message = `One or more alarms have been activated: ${active.join(', ')}`;
    deployment.stop({ code: 'ALARM_ACTIVE', message, isStop: true });
  });
}
