import type { StackReference } from 'aws-blue-green-toolkit/core';
import { type Microservice, routeOf, type Surroundings } from './microservice.js';

/** What has traffic is neither replaced nor removed, whoever says so. */
export async function requireNoTraffic(
  microservice: Microservice,
  reference: StackReference,
  surroundings: Surroundings,
): Promise<void> {
  const target = routeOf(microservice, surroundings);
  const weights = await target.readWeights();
  if (weights[reference] === 0) return;
  throw new Error(`${target.description} still gives ${weights[reference]} % to ${reference}`);
}
