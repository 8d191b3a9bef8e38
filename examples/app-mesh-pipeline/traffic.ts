import type { StackReference } from 'aws-blue-green-toolkit/core';
import { type Dependencies, type Microservice, routeOf } from './microservice.js';

/** What has traffic is neither replaced nor removed, whoever says so. */
export async function requireNoTraffic(
  microservice: Microservice,
  stack: StackReference,
  dependencies: Dependencies,
): Promise<void> {
  const target = routeOf(microservice, dependencies);
  const weights = await target.readWeights();
  if (weights[stack] === 0) return;
  throw new Error(`${target.description} still gives ${weights[stack]} % to ${stack}`);
}
