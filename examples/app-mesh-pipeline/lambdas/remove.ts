import { partnerOf } from 'aws-blue-green-toolkit/core';
import type { OwnTaskEvent } from 'aws-blue-green-toolkit/step-functions';
import type { ShiftRequest } from 'aws-blue-green-toolkit/traffic';
import { type Dependencies, parseMicroservice } from '../microservice.js';
import { servicesOf } from '../services.js';
import { requireNoTraffic } from '../traffic.js';

/**
 * Stops the tasks of a version: the old one after a success (`finish`), the new one after a rollback (`cleanUp`).
 */
export const makeHandler =
  (dependencies: Dependencies = {}) =>
  async ({ task, input }: Pick<OwnTaskEvent, 'task' | 'input'>): Promise<void> => {
    const microservice = parseMicroservice(input);
    const { incoming } = input.request as ShiftRequest;
    const removed = task === 'finish' ? partnerOf(incoming) : incoming;
    await requireNoTraffic(microservice, removed, dependencies);
    await servicesOf(microservice, dependencies).disableService(removed);
  };

export const handler = makeHandler();
