import { EcsTools } from 'aws-blue-green-toolkit/ecs';
import type { Microservice, Surroundings } from './microservice.js';

/** The two ECS services of a microservice. */
export function servicesOf(
  { cluster, desiredCount, blue, green }: Microservice,
  { clients, clock, logger }: Surroundings = {},
): EcsTools {
  return new EcsTools({
    blue: { cluster, service: blue.service, desiredCount },
    green: { cluster, service: green.service, desiredCount },
    clients,
    clock,
    logger,
  });
}
