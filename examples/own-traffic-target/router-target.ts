import { type CallOptions, OperationAbortedError, ResourceStateError } from 'aws-blue-green-toolkit/core';
import type { TrafficTarget, TrafficWeights } from 'aws-blue-green-toolkit/traffic';

/** Response of the router's `GET /split`, and body of its `PUT /split`, which returns 409 for an old revision. */
interface Split {
  readonly revision: number;
  /** Parts of 1000, by the name of the backend. */
  readonly backends: Readonly<Record<string, number>>;
}

const totalParts = 1000;

/** A router of your own, with a JSON API. */
export class RouterTarget implements TrafficTarget {
  readonly description: string;
  readonly #url: URL;
  readonly #fetch: typeof fetch;
  /** Result of the last read. The next write changes exactly that, once. */
  #lastSplit: Split | undefined;

  constructor({ address, fetch: send = fetch }: { address: string; fetch?: typeof fetch }) {
    this.#url = new URL('/split', address);
    this.#fetch = send;
    this.description = `Router ${this.#url.host}`;
  }

  async readWeights(options: CallOptions = {}): Promise<TrafficWeights> {
    this.#lastSplit = undefined;
    const split = await this.#read(options);
    const weights = this.#weightsOf(split);
    this.#lastSplit = split;
    return weights;
  }

  async writeWeights(weights: TrafficWeights, options: CallOptions = {}): Promise<void> {
    const current = this.#lastSplit ?? (await this.#read(options));
    this.#lastSplit = undefined;
    this.#weightsOf(current);
    // Writes every field back, because a later router may add fields.
    const changed = { ...current, backends: toParts(weights) };
    const response = await this.#send(options, { method: 'PUT', body: JSON.stringify(changed) });
    if (response.status === 409) {
      throw new ResourceStateError('Split changed outside this shift', {
        resource: this.description,
        expected: `revision ${current.revision}`,
        actual: 'a newer revision',
        remedy: 'Find the other writer, then read the weights again',
      });
    }
    if (!response.ok) throw new Error(`${this.description} returned status ${response.status}`);
  }

  /** Rounds to thousandths. A share above 0 never becomes 0, and one below 100 % never becomes 100 %. */
  nearestWeights(weights: TrafficWeights): TrafficWeights {
    return toPercent(toParts(weights));
  }

  async #read(options: CallOptions): Promise<Split> {
    const response = await this.#send(options);
    if (!response.ok) throw new Error(`${this.description} returned status ${response.status}`);
    return (await response.json()) as Split;
  }

  #weightsOf({ backends }: Split): TrafficWeights {
    const others = Object.keys(backends).filter((name) => name !== 'blue' && name !== 'green');
    const { blue = 0, green = 0 } = backends;
    if (others.length > 0 || blue + green !== totalParts) {
      throw new ResourceStateError('Split has other backends than blue and green', {
        resource: this.description,
        expected: `blue and green alone, ${totalParts} together`,
        actual: JSON.stringify(backends),
        remedy: 'Remove the other backends',
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

/** Rounds to whole parts, because percent times ten is not always whole in binary fractions. */
function toParts(weights: TrafficWeights): { blue: number; green: number } {
  const smaller = weights.blue <= weights.green ? 'blue' : 'green';
  const share = weights[smaller] / 100;
  const smallerParts = share === 0 ? 0 : Math.max(1, Math.round(share * totalParts));
  return smaller === 'blue'
    ? { blue: smallerParts, green: totalParts - smallerParts }
    : { blue: totalParts - smallerParts, green: smallerParts };
}

function toPercent({ blue, green }: { blue: number; green: number }): TrafficWeights {
  return { blue: (blue / totalParts) * 100, green: (green / totalParts) * 100 };
}
