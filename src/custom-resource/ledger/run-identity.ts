import { randomBytes } from 'node:crypto';
import { oldPropertiesIn, propertiesIn, type ResponseAddress } from '../protocol/event.js';
import { signedAt } from '../protocol/response-url.js';
import { ownerKey, propertiesKey, type RunIdentity, requestKey } from './run-record.js';

/** Creates the identity of a new run of a request. */
export function newRunOf(address: ResponseAddress, event: unknown): RunIdentity {
  const madeAt = signedAt(address.responseUrl);
  return {
    owner: ownerKey(address),
    requestId: requestKey(address.requestId),
    run: randomBytes(4).toString('hex'),
    madeAt: madeAt === undefined ? undefined : Math.floor(madeAt / 1000),
    from: propertiesKey(oldPropertiesIn(event)),
    to: propertiesKey(propertiesIn(event)),
  };
}
