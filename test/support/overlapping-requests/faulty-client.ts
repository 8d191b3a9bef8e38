import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsError } from '../../../src/testing/cloud/environment.js';
import type { OverlapWorld } from './overlap-world.js';
import { type FaultKind, type Faults, pickBy } from './schedule.js';

/** Milliseconds after which an aborted call can no longer take effect, and age of the oldest stale read. */
const lagMilliseconds = 4_000;

/** Invocation that sends the calls. */
export interface Caller {
  readonly request: number;
  readonly run: string;
  /** Ends the invocation: it receives no response any more. */
  crash(): Promise<never>;
}

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
  readonly constructor: { readonly name: string };
}

/** Creates clients with every fault between an invocation and the load balancer. */
export class FaultyClients {
  readonly #world: OverlapWorld;
  readonly #faults: Faults;
  readonly #random: () => number;
  #modifications = 0;
  #crashesLeft: number;

  constructor(world: OverlapWorld, faults: Faults, random: () => number) {
    this.#world = world;
    this.#faults = faults;
    this.#random = random;
    this.#crashesLeft = faults.crashes;
  }

  /** The client of one invocation. */
  clientOf(caller: Caller): ElasticLoadBalancingV2Client {
    const send = (command: Command, { abortSignal }: { readonly abortSignal?: AbortSignal } = {}) =>
      this.#send(caller, command, abortSignal);
    return new Proxy(this.#world.cloud.clients.elasticLoadBalancing, {
      get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
    });
  }

  async #send(caller: Caller, command: Command, signal: AbortSignal | undefined): Promise<unknown> {
    const action = command.constructor.name.replace(/Command$/, '');
    const isRead = action.startsWith('Describe');
    const fault = this.#nextFault(action);
    const effect = () => this.#perform(caller, action, command);
    const { clock } = this.#world.cloud;
    if (this.#crashesLeft > 0 && this.#random() < 0.04) {
      this.#crashesLeft -= 1;
      // Half of the crashes follow a sent call.
      if (!isRead && this.#random() < 0.5) void this.#later(effect);
      return caller.crash();
    }
    const stale =
      isRead && this.#faults.rate > 0 && this.#random() < 0.1
        ? this.#world.staleAnswer(action, command.input, this.#random() * lagMilliseconds)
        : undefined;
    const attempt = async () => {
      await clock.sleep(20 + this.#random() * 80);
      if (stale !== undefined) return stale;
      if (fault === 'throttle') throw awsError('Throttling', 'Rate exceeded');
      if (fault === 'serverError') throw awsError('InternalFailure', 'Internal failure', 500);
      if (fault === 'timeout') throw noResponse();
      if (fault === 'late') await this.#beLate(signal);
      const output = await effect();
      if (fault === 'lostResponse') throw noResponse();
      return output;
    };
    return untilAborted(attempt(), signal);
  }

  async #perform({ request, run }: Caller, action: string, command: Command): Promise<unknown> {
    const { cloud, writes } = this.#world;
    const before = this.#world.live?.green;
    const output: unknown = await cloud.clients.elasticLoadBalancing.send(command as never);
    if (action.startsWith('Describe')) return output;
    const green = this.#world.live?.green;
    const isChanged = action === 'ModifyRule' || before !== green;
    writes.push({ request, run, action, at: cloud.clock.now(), green: isChanged ? green : undefined });
    this.#world.takeSnapshot();
    return output;
  }

  #nextFault(action: string): FaultKind | undefined {
    if (action === 'ModifyRule') this.#modifications += 1;
    const { burst, rate } = this.#faults;
    const position = this.#modifications - (burst?.from ?? 0);
    if (burst && action === 'ModifyRule' && position >= 0 && position < burst.length) return burst.kind;
    if (this.#random() >= rate) return undefined;
    return pickBy(this.#random)<FaultKind>('throttle', 'serverError', 'lostResponse', 'timeout', 'late');
  }

  /** A slow call takes effect soon after it was aborted. */
  async #beLate(signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#world.cloud;
    const seconds = this.#random() * 20;
    await clock.sleep(seconds * 1000, signal).catch(() => clock.sleep(this.#random() * lagMilliseconds));
  }

  async #later(effect: () => Promise<unknown>): Promise<void> {
    await this.#world.cloud.clock.sleep(this.#random() * lagMilliseconds);
    await effect().catch(() => {});
  }
}

function noResponse(): Error {
  return Object.assign(new Error('No response'), { name: 'TimeoutError' });
}

async function untilAborted<T>(sent: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return sent;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    sent.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
