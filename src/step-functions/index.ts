export type {
  ApprovalByToken,
  OwnTask,
  OwnTaskEvent,
  ShiftExecutionEnd,
  StateDefinition,
  StateMachineDefinition,
  StepFunctionsDefinitionOptions,
} from './definition-options.js';
export { stepFunctionsDefinition } from './step-functions-definition.js';
export { stepFunctionsHandler } from './step-functions-handler.js';
export type {
  ApprovalQuestion,
  MakeShifter,
  ShiftExecutionInput,
  ShiftExecutionState,
  StepFunctionsHandler,
  StepFunctionsHandlerOptions,
  StepFunctionsLambdaContext,
} from './types.js';
