import { type CallOptions, OperationAbortedError, ResourceStateError } from 'aws-blue-green-toolkit/core';
import type { TrafficTarget, TrafficWeights } from 'aws-blue-green-toolkit/traffic';

/** What the router's `GET /split` answers; its `PUT /split` takes the same, and answers 409 for an old revision. */
interface Split {
  readonly revision: number;
  /** Parts of 1000, by the name of the backend. */
  readonly backends: Readonly<Record<string, number>>;
}

const highest = 1000;

/** A router of your own, with a JSON API. */
export class RouterTarget implements TrafficTarget {
  readonly description: string;
  readonly #url: URL;
  readonly #fetch: typeof fetch;
  /** What the last reading has seen; the next write changes exactly that, once. */
  #lastRead: Split | undefined;

  constructor({ address, fetch: send = fetch }: { address: string; fetch?: typeof fetch }) {
    this.#url = new URL('/split', address);
    this.#fetch = send;
    this.description = `Router ${this.#url.host}`;
  }

  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    this.#lastRead = undefined;
    const split = await this.#read(options);
    const weights = this.#weightsOf(split);
    this.#lastRead = split;
    return weights;
  }

  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const seen = this.#lastRead ?? (await this.#read(options));
    this.#lastRead = undefined;
    this.#weightsOf(seen);
    // Everything that was read goes back, with other weights: a router may keep more in its answer than it does today.
    const changed = { ...seen, backends: toParts(weights) };
    const response = await this.#send(options, { method: 'PUT', body: JSON.stringify(changed) });
    if (response.status === 409) {
      throw new ResourceStateError('Somebody else changed the split', {
        resource: this.description,
        expected: `revision ${seen.revision}`,
        actual: 'a newer one',
        remedy: 'Find out who else changes it, and read it again',
      });
    }
    if (!response.ok) throw new Error(`${this.description} answered ${response.status}`);
  }

  /** In thousandths; a share that is not zero never becomes zero, and one that is not everything never everything. */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return toPercent(toParts(weights));
  }

  async #read(options: CallOptions): Promise<Split> {
    const response = await this.#send(options);
    if (!response.ok) throw new Error(`${this.description} answered ${response.status}`);
    return (await response.json()) as Split;
  }

  #weightsOf({ backends }: Split): TrafficWeights {
    const others = Object.keys(backends).filter((name) => name !== 'blue' && name !== 'green');
    const { blue = 0, green = 0 } = backends;
    if (others.length > 0 || blue + green !== highest) {
      throw new ResourceStateError('The split is not one between the two stacks', {
        resource: this.description,
        expected: `blue and green alone, ${highest} together`,
        actual: JSON.stringify(backends),
        remedy: 'Take the other backends out',
      });
    }
    return toPercent({ blue, green });
  }

  async #send({ signal }: CallOptions, init: RequestInit = {}): Promise<Response> {
    try {
      signal?.throwIfAborted();
      return await this.#fetch(this.#url, { ...init, ...(signal && { signal }) });
    } catch (error) {
      if (!signal?.aborted) throw error;
      throw new OperationAbortedError({ resource: this.description, cause: signal.reason });
    }
  }
}

/** Whole parts: percent times ten need not be whole in binary fractions. */
function toParts(weights: TrafficWeights): { blue: number; green: number } {
  const smaller = weights.blue <= weights.green ? 'blue' : 'green';
  const share = weights[smaller] / 100;
  const few = share === 0 ? 0 : Math.max(1, Math.round(share * highest));
  return smaller === 'blue' ? { blue: few, green: highest - few } : { blue: highest - few, green: few };
}

function toPercent({ blue, green }: { blue: number; green: number }): TrafficWeights {
  return { blue: (blue / highest) * 100, green: (green / highest) * 100 };
}
