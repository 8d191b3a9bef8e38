import { codeDeploySwapHooks } from 'aws-blue-green-toolkit/hooks';
import { ordersSwap } from './swap.js';

/** Handlers of the five lifecycle hooks, and of the deployment's end. */
export const {
  beforeInstall,
  afterInstall,
  afterAllowTestTraffic,
  beforeAllowTraffic,
  afterAllowTraffic,
  deploymentEnded,
} = codeDeploySwapHooks(ordersSwap('codeDeploy'));
