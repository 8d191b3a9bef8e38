export type { CallOptions } from '../core/aws-call.js';
export type { Clock } from '../core/clock.js';
export type { LogData, Logger } from '../core/logger.js';
export type {
  AdvanceOptions,
  HeldAt,
  Outcome,
  Progress,
  Resumable,
  StateSummary,
} from '../resumable/types.js';
export type {
  ApprovalByToken,
  ExecutionEnd,
  OwnTask,
  OwnTaskEvent,
  StateDefinition,
  StateMachineDefinition,
  StepFunctionsDefinitionOptions,
} from './definition-options.js';
export { stepFunctionsDefinition } from './step-functions-definition.js';
export { stepFunctionsHandler } from './step-functions-handler.js';
export type {
  ApprovalQuestion,
  ExecutionInput,
  ExecutionState,
  MakeResumable,
  StepFunctionsHandler,
  StepFunctionsHandlerOptions,
  StepFunctionsLambdaContext,
} from './types.js';
