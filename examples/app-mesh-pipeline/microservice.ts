import type { Clock, Logger, StackPair, StackReference } from 'aws-blue-green-toolkit/core';
import type { SimulatedClients } from 'aws-blue-green-toolkit/testing';
import { AppMeshRouteTarget } from 'aws-blue-green-toolkit/traffic';

/** One half of a microservice. */
export interface MicroserviceStack {
  /** The name of its ECS service. */
  readonly service: string;
  /** The name of its virtual node. */
  readonly virtualNode: string;
  /** What it would run in this version: `family:revision`; each stack has a family of its own. */
  readonly taskDefinition: string;
}

/** What an execution is started with: everything that differs from microservice to microservice. */
export interface Microservice {
  /** Its name, under which the version is recorded. */
  readonly microservice: string;
  /** The version that is to be deployed, as the pipeline calls it. */
  readonly version: string;
  readonly cluster: string;
  readonly desiredCount: number;
  readonly mesh: string;
  readonly virtualRouter: string;
  /** An http, http2, grpc or tcp route. */
  readonly route: string;
  readonly blue: MicroserviceStack;
  readonly green: MicroserviceStack;
  /** What each step adds, in percent. */
  readonly percentStep: number;
  /** Seconds from a step to its health check. */
  readonly waitSeconds: number;
  /**
   * The name or ARN of a function that decides on the health.
   * @default the one that counts 5xx answers
   */
  readonly healthCheckFunction?: string;
}

/** What a test puts in the place of AWS and of a Lambda's environment. */
export interface Dependencies {
  readonly clients?: SimulatedClients;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly environment?: NodeJS.ProcessEnv;
}

/** @throws TypeError which names the first field that is wrong. */
export function parseMicroservice(input: object): Microservice {
  const field = (name: string): unknown =>
    name.split('.').reduce<unknown>((value, key) => Object(value)[key], input);
  const text = (name: string): string => {
    const value = field(name);
    if (typeof value === 'string' && value.trim() !== '') return value;
    throw new TypeError(`${name} has to be a string that is not empty`);
  };
  const number = (name: string): number => {
    const value = field(name);
    if (typeof value === 'number' && value > 0) return value;
    throw new TypeError(`${name} has to be a number above 0`);
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

/** The route that the microservice's traffic goes through. */
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

/** The families of the task definitions, which metrics are told apart by. */
export function familiesOf({ blue, green }: Microservice): StackPair<string> {
  const familyOf = ({ taskDefinition }: MicroserviceStack) =>
    taskDefinition.replace(/^.*\//, '').replace(/:\d+$/, '');
  return { blue: familyOf(blue), green: familyOf(green) };
}
