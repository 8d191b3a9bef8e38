import type { StackReference } from 'aws-blue-green-toolkit/core';
import { type Dependencies, type Microservice, routeOf } from './microservice.js';

/** Throws when the stack has traffic, so that it is neither replaced nor removed. */
export async function requireNoTraffic(
  microservice: Microservice,
  stack: StackReference,
  dependencies: Dependencies,
): Promise<void> {
  const target = routeOf(microservice, dependencies);
  const weights = await target.readWeights();
  if (weights[stack] === 0) return;
  throw new Error(
    `${target.description} still sends traffic to ${stack}: expected 0 %, got ${weights[stack]} %`,
  );
}
