export { type Fault, type FaultKind, SimulatedCrash } from './faults.js';
export type { SimulatedClients } from './simulated-clients.js';
export { type RecordedCall, SimulatedCloud, type SimulatedCloudOptions } from './simulated-cloud.js';
export { SimulatedCodeDeploy } from './simulated-code-deploy.js';
export type {
  CodeDeployHookEvent,
  CodeDeployHookName,
  CodeDeployStepName,
  SimulatedDeploymentOptions,
  SimulatedDeploymentResult,
  SimulatedHook,
  SimulatedHookAnswer,
  SimulatedLifecycleEvent,
  SimulatedTraffic,
} from './simulated-code-deploy-types.js';
export type {
  SimulatedFunction,
  SimulatedInvocation,
  SimulatedLambdaContext,
} from './simulated-lambda-invocation.js';
export { type SimulatedMessage, type SimulatedQueue, SimulatedSqs } from './simulated-sqs.js';
export { VirtualClock } from './virtual-clock.js';
