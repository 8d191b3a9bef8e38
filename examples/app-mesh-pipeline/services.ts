import { EcsTools } from 'aws-blue-green-toolkit/ecs';
import type { Dependencies, Microservice } from './microservice.js';

/** Returns the tools for the two ECS services of a microservice. */
export function servicesOf(
  { cluster, desiredCount, blue, green }: Microservice,
  { clients, clock, logger }: Dependencies = {},
): EcsTools {
  return new EcsTools({
    blue: { cluster, service: blue.service, desiredCount },
    green: { cluster, service: green.service, desiredCount },
    clients,
    clock,
    logger,
  });
}
