import { LazyModule } from './lazy-module.js';

/*
 * Modules of the AWS SDK that a gate imports at its first evaluation. Each one is a constant of its own, so that the bundle of one
 * gate has no client of another. `SimulatedCloud` provides them, because virtual time must not pass while a loader reads files.
 */

/** CloudWatch, for the metrics of a gate. */
export const cloudWatchModule = /* @__PURE__ */ new LazyModule(() => import('@aws-sdk/client-cloudwatch'));

/** Lambda, for `functionReady` and `streamCaughtUp`. */
export const lambdaModule = /* @__PURE__ */ new LazyModule(() => import('@aws-sdk/client-lambda'));

/** RDS, for `replicaLag`. */
export const rdsModule = /* @__PURE__ */ new LazyModule(() => import('@aws-sdk/client-rds'));

/** RDS Data API, for `rowParity`. */
export const rdsDataModule = /* @__PURE__ */ new LazyModule(() => import('@aws-sdk/client-rds-data'));

/** SQS, for `queueDrained`. */
export const sqsModule = /* @__PURE__ */ new LazyModule(() => import('@aws-sdk/client-sqs'));

/** Systems Manager, for `changeCalendarOpen`. */
export const ssmModule = /* @__PURE__ */ new LazyModule(() => import('@aws-sdk/client-ssm'));
