import { partnerOf, type StackReference } from 'aws-blue-green-toolkit/core';
import type { ShiftRequest } from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, type Microservice, parseMicroservice, routeOf } from '../microservice.js';

/** The execution's input, and what was found when the recorded version was read. */
export interface PlanEvent {
  readonly input: object;
  readonly recorded: { readonly version?: string };
}

/** The input that the rest of the machine works with. */
export interface DeploymentPlan extends Microservice {
  readonly isDeployed: boolean;
  /** There was no version before: nobody loses anything, and nothing is there to go back to. */
  readonly isFirst: boolean;
  readonly shift: ShiftRequest;
}

/** Checks the deployment's version: whether there is anything to do, and which of the two stacks it is to be done with. */
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
      shift: {
        incoming: isFirst ? active : partnerOf(active),
        strategy: isFirst
          ? { type: 'allAtOnce' }
          : // The last share is watched for as long as the others.
            { type: 'linear', stepPercent, intervalSeconds, bakeSeconds: intervalSeconds },
      },
    };
  };

/** The one that has all the traffic. When both have some, another deployment is under way, or was left half-way. */
async function activeStackOf(
  microservice: Microservice,
  dependencies: Dependencies,
): Promise<StackReference> {
  const target = routeOf(microservice, dependencies);
  const { blue, green } = await target.readWeights();
  if (blue === 100) return 'blue';
  if (green === 100) return 'green';
  throw new Error(
    `${target.description} is split: blue ${blue} %, green ${green} %. Route all of it to one first`,
  );
}

export const handler = makeHandler();
