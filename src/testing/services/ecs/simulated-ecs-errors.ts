import { ClientException, InvalidParameterException } from '@aws-sdk/client-ecs';
import { clientFault } from '../../cloud/environment.js';

/** Creates the error for a parameter that ECS refuses. */
export function invalid(message: string): InvalidParameterException {
  return new InvalidParameterException(clientFault(message));
}

/** Creates the error for a malformed request. */
export function refused(message: string): ClientException {
  return new ClientException(clientFault(message));
}

/** @throws InvalidParameterException when a list is empty or has more than `max` elements. */
export function checkLength(list: readonly unknown[], name: string, max: number): void {
  if (list.length === 0) throw invalid(`${name} cannot be empty.`);
  if (list.length > max) throw invalid(`${name} cannot have more than ${max} elements.`);
}
