import { partnerOf, type StackReference } from 'aws-blue-green-toolkit/core';
import type { ShiftRequest } from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, type Microservice, parseMicroservice, routeOf } from '../microservice.js';

/** Input of the execution, and the recorded version. */
export interface PlanEvent {
  readonly input: object;
  readonly recorded: { readonly version?: string };
}

/** Input of the following states. */
export interface DeploymentPlan extends Microservice {
  readonly isDeployed: boolean;
  /** True without a recorded version: no user is affected, and there is no version to roll back to. */
  readonly isFirst: boolean;
  readonly request: ShiftRequest;
}

/** Compares the version with the recorded one, and chooses the stack of the deployment. */
export const makeHandler =
  (dependencies: Dependencies = {}) =>
  async ({ input, recorded }: PlanEvent): Promise<DeploymentPlan> => {
    const microservice = parseMicroservice(input);
    const active = await activeStackOf(microservice, dependencies);
    const isFirst = recorded.version === undefined;
    const { percentStep: stepPercent, waitSeconds: intervalSeconds } = microservice;
    return {
      ...microservice,
      isDeployed: recorded.version === microservice.version,
      isFirst,
      request: {
        incoming: isFirst ? active : partnerOf(active),
        strategy: isFirst
          ? { type: 'allAtOnce' }
          : // Observes the last share for as long as the others.
            { type: 'linear', stepPercent, intervalSeconds, bakeSeconds: intervalSeconds },
      },
    };
  };

/** Returns the stack with all the traffic. Throws when both have some, because another deployment is running or unfinished. */
async function activeStackOf(
  microservice: Microservice,
  dependencies: Dependencies,
): Promise<StackReference> {
  const target = routeOf(microservice, dependencies);
  const { blue, green } = await target.readWeights();
  if (blue === 100) return 'blue';
  if (green === 100) return 'green';
  throw new Error(
    `${target.description} is split: expected all traffic on one stack, got blue ${blue} %, green ${green} %. Complete or roll back the other deployment first`,
  );
}

export const handler = makeHandler();
