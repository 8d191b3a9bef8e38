import type { Clock, Logger, StackPair, StackReference } from 'aws-blue-green-toolkit/core';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import { AppMeshRouteTarget } from 'aws-blue-green-toolkit/traffic';

/** One stack of a microservice. */
export interface MicroserviceStack {
  /** Name of its ECS service. */
  readonly service: string;
  /** Name of its virtual node. */
  readonly virtualNode: string;
  /** Task definition of this version, `family:revision`. Each stack has its own family. */
  readonly taskDefinition: string;
}

/** Input of an execution: the differences between microservices. */
export interface Microservice {
  /** Name under which the version is recorded. */
  readonly microservice: string;
  /** Version to deploy. */
  readonly version: string;
  readonly cluster: string;
  readonly desiredCount: number;
  readonly mesh: string;
  readonly virtualRouter: string;
  /** An http, http2, grpc or tcp route. */
  readonly route: string;
  readonly blue: MicroserviceStack;
  readonly green: MicroserviceStack;
  /** Percent that each step adds. */
  readonly percentStep: number;
  /** Seconds from a step to its health check. */
  readonly waitSeconds: number;
  /**
   * Name or ARN of a function that decides the health.
   * @default the function that counts 5xx responses
   */
  readonly healthCheckFunction?: string;
}

/** Environment and dependencies that a test replaces. */
export interface Dependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly environment?: NodeJS.ProcessEnv;
}

/** @throws TypeError that names the first wrong field. */
export function parseMicroservice(input: object): Microservice {
  const field = (name: string): unknown =>
    name.split('.').reduce<unknown>((value, key) => Object(value)[key], input);
  const text = (name: string): string => {
    const value = field(name);
    if (typeof value === 'string' && value.trim() !== '') return value;
    throw new TypeError(`${name}: expected a string that is not empty`);
  };
  const number = (name: string): number => {
    const value = field(name);
    if (typeof value === 'number' && value > 0) return value;
    throw new TypeError(`${name}: expected a number above 0`);
  };
  const stack = (stack: StackReference): MicroserviceStack => ({
    service: text(`${stack}.service`),
    virtualNode: text(`${stack}.virtualNode`),
    taskDefinition: text(`${stack}.taskDefinition`),
  });
  return {
    microservice: text('microservice'),
    version: text('version'),
    cluster: text('cluster'),
    desiredCount: number('desiredCount'),
    mesh: text('mesh'),
    virtualRouter: text('virtualRouter'),
    route: text('route'),
    blue: stack('blue'),
    green: stack('green'),
    percentStep: number('percentStep'),
    waitSeconds: number('waitSeconds'),
    ...(field('healthCheckFunction') !== undefined && { healthCheckFunction: text('healthCheckFunction') }),
  };
}

/** Returns the target for the microservice's route. */
export function routeOf(
  { mesh, virtualRouter, route, blue, green }: Microservice,
  { clients, clock, logger }: Dependencies = {},
): AppMeshRouteTarget {
  return new AppMeshRouteTarget({
    meshName: mesh,
    virtualRouterName: virtualRouter,
    routeName: route,
    blue: { virtualNode: blue.virtualNode },
    green: { virtualNode: green.virtualNode },
    clients,
    clock,
    logger,
  });
}

/** Returns the families of the task definitions, which separate the metrics of the two stacks. */
export function familiesOf({ blue, green }: Microservice): StackPair<string> {
  const familyOf = ({ taskDefinition }: MicroserviceStack) =>
    taskDefinition.replace(/^.*\//, '').replace(/:\d+$/, '');
  return { blue: familyOf(blue), green: familyOf(green) };
}
