export { type Fault, type FaultKind, SimulatedCrash } from './faults.js';
export type { SimulatedClients } from './simulated-clients.js';
export { type RecordedCall, SimulatedCloud, type SimulatedCloudOptions } from './simulated-cloud.js';
export { type SimulatedMessage, type SimulatedQueue, SimulatedSqs } from './simulated-sqs.js';
export { VirtualClock } from './virtual-clock.js';
