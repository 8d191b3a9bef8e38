import type { Clock, Logger } from 'aws-blue-green-toolkit/core';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';

/** Dependencies that a test replaces. */
export interface Dependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Reads an environment variable that the CDK stack sets for the function. */
export function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Environment variable ${name} is not set`);
  return value;
}
