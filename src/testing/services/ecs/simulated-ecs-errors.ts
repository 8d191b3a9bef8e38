import { ClientException, InvalidParameterException } from '@aws-sdk/client-ecs';
import { clientFault } from '../../cloud/environment.js';

/** A parameter that ECS refuses. */
export function invalid(message: string): InvalidParameterException {
  return new InvalidParameterException(clientFault(message));
}

/** The error of ECS for a malformed request. */
export function refused(message: string): ClientException {
  return new ClientException(clientFault(message));
}

/** A list that has to have between one and so many elements. */
export function checkLength(list: readonly unknown[], name: string, most: number): void {
  if (list.length === 0) throw invalid(`${name} cannot be empty.`);
  if (list.length > most) throw invalid(`${name} cannot have more than ${most} elements.`);
}
