export type { CheckError, CheckTally } from './shift-state.js';
export { type ShiftEvent, type ShiftPhase, type ShiftState, shiftStateVersion } from './shift-state.js';
export { allAtOnce, type BakeOptions } from './strategies/all-at-once.js';
export { type CanaryOptions, canary } from './strategies/canary.js';
export { type CodeDeployConfigName, codeDeployConfig } from './strategies/codedeploy-config.js';
export { type ExponentialOptions, exponential } from './strategies/exponential.js';
export { type LinearOptions, linear } from './strategies/linear.js';
export { steps } from './strategies/steps.js';
export { AlbListenerTarget, type AlbListenerTargetOptions } from './targets/alb-listener.js';
export { AlbListenerRuleTarget, type AlbListenerRuleTargetOptions } from './targets/alb-listener-rule.js';
export type { AlbStackOptions, AlbTargetClients, AlbTargetOptions } from './targets/elastic-load-balancing.js';
export {
  type BeginOptions,
  type RollBackOptions,
  type ShiftProgress,
  type ShiftResult,
  type ShiftToOptions,
  TrafficShifter,
  type TrafficShifterOptions,
} from './traffic-shifter.js';
export type {
  Check,
  CheckContext,
  CheckPolicy,
  CheckResult,
  ReadWeightsOptions,
  ShiftStep,
  ShiftStrategy,
  TargetHealth,
  TrafficTarget,
  TrafficWeights,
} from './types.js';
