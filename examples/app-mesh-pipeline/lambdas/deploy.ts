import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import type { OwnTaskEvent } from 'aws-blue-green-toolkit/step-functions';
import type { ShiftRequest } from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, parseMicroservice } from '../microservice.js';
import { servicesOf } from '../services.js';
import { requireNoTraffic } from '../traffic.js';

/** Starts the tasks of the new version, behind a virtual node without traffic. */
export const makeHandler =
  (dependencies: Dependencies = {}) =>
  async ({ input }: Pick<OwnTaskEvent, 'input'>): Promise<void> => {
    const microservice = parseMicroservice(input);
    const { incoming } = input.request as ShiftRequest;
    const isFirst = input['isFirst'] === true;
    if (!isFirst) await requireNoTraffic(microservice, incoming, dependencies);
    const { cluster, desiredCount } = microservice;
    const { service, taskDefinition } = microservice[incoming];
    const ecs = dependencies.clients?.ecs ?? new ECSClient();
    const services = servicesOf(microservice, dependencies);
    try {
      await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition, desiredCount }));
      await services.enableService(incoming);
      await services.waitForServiceStable(incoming, { taskDefinition, maxWaitSeconds: 780 });
    } catch (error) {
      // The new version has no traffic yet.
      if (!isFirst) await services.disableService(incoming);
      throw error;
    }
  };

export const handler = makeHandler();
