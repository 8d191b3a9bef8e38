import { partnerOf } from 'aws-blue-green-toolkit/core';
import type { OwnTaskEvent } from 'aws-blue-green-toolkit/step-functions';
import { type Dependencies, parseMicroservice } from '../microservice.js';
import { servicesOf } from '../services.js';
import { requireNoTraffic } from '../traffic.js';

/**
 * Removes a version's tasks: those of the old one when the new one has all the traffic (`finish`), those of the new one
 * after a rollback (`cleanUp`).
 */
export const makeHandler =
  (dependencies: Dependencies = {}) =>
  async ({ task, input }: Pick<OwnTaskEvent, 'task' | 'input'>): Promise<void> => {
    const microservice = parseMicroservice(input);
    const { incoming } = input.shift;
    const removed = task === 'finish' ? partnerOf(incoming) : incoming;
    await requireNoTraffic(microservice, removed, dependencies);
    await servicesOf(microservice, dependencies).disableService(removed);
  };

export const handler = makeHandler();
