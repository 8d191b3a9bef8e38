import { codeDeploySwapHooks } from 'aws-blue-green-toolkit/hooks';
import { ordersSwap } from './plan.js';

/** Handlers of the five lifecycle hooks, and of the tick: for the deployment's event, and for the schedule `rate(5 minutes)`. */
export const {
  beforeInstall,
  afterInstall,
  afterAllowTestTraffic,
  beforeAllowTraffic,
  afterAllowTraffic,
  deploymentEnded,
} = codeDeploySwapHooks(ordersSwap(process.env));
