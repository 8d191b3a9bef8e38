export type { CallOptions } from './aws-call.js';
export type { ClientConfig, ClientOptions, IncompleteClients } from './clients.js';
export { type Clock, systemClock } from './clock.js';
export {
  AccessDeniedError,
  DeadlineError,
  type InputProblem,
  InvalidInputError,
  MultipleFailuresError,
  OperationAbortedError,
  ResourceNotFoundError,
  ResourceStateError,
  ToolkitError,
  type ToolkitErrorDetails,
  UnexpectedResponseError,
  WaitTimeoutError,
} from './errors.js';
export { type LogData, type Logger, silentLogger } from './logger.js';
export type { MatchOptions } from './match-options.js';
export type { WaitOptions } from './poll-until.js';
export { parseStackReference, partnerOf, type StackPair, StackReference } from './stack-reference.js';
export type { ToolOptions } from './tool-options.js';
