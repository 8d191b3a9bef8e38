import { stepFunctionsHandler } from 'aws-blue-green-toolkit/step-functions';
import { lambdaCheck, TrafficShifter } from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, familiesOf, parseMicroservice, routeOf } from '../microservice.js';

/** Runs one step of the shift of the microservice in the execution's input. */
export const makeHandler = (dependencies: Dependencies = {}) => {
  const { clients, clock, logger, environment = process.env } = dependencies;
  return stepFunctionsHandler(
    (microservice) =>
      new TrafficShifter({
        target: routeOf(microservice, dependencies),
        checks: [
          lambdaCheck({
            name: 'health',
            functionName: microservice.healthCheckFunction ?? environment['HEALTH_CHECK_FUNCTION'] ?? '',
            payload: {
              clusterName: microservice.cluster,
              taskDefinitionFamily: familiesOf(microservice),
              windowSeconds: Math.max(60, Math.floor(microservice.waitSeconds / 60) * 60),
            },
            clients,
          }),
        ],
        policy: { initialDelaySeconds: microservice.waitSeconds, intervalSeconds: 60 },
        clock,
        logger,
      }),
    { parseInput: parseMicroservice, clock, logger },
  );
};

export const handler = makeHandler();
