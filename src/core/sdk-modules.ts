import { LazyModule } from './lazy-module.js';

/**
 * Modules of the AWS SDK that a swap needs for some of its calls only. A Lambda that loads its plan imports each one at the first call.
 * `SimulatedCloud` provides them, because virtual time must not pass while a loader reads files.
 */
export const sdkModules = {
  codeDeploy: new LazyModule(() => import('@aws-sdk/client-codedeploy')),
  ecs: new LazyModule(() => import('@aws-sdk/client-ecs')),
  elasticLoadBalancing: new LazyModule(() => import('@aws-sdk/client-elastic-load-balancing-v2')),
  lambda: new LazyModule(() => import('@aws-sdk/client-lambda')),
} as const;
