// Loaded beforehand, because virtual time passes while a module is loaded from disk.
import '@aws-sdk/client-sfn';
import type { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { silentLogger } from '../../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../../src/custom-resource/index.js';
import { runDurably } from '../../../src/durable/index.js';
import { type ExecutionState, stepFunctionsHandler } from '../../../src/step-functions/index.js';
import { awsError } from '../../../src/testing/cloud/environment.js';
import { DurableJournal } from '../durable-journal.js';
import { FaultyClients } from './faulty-client.js';
import type { OverlapWorld, SentRequest } from './overlap-world.js';
import { type OverlapSchedule, randomOf } from './schedule.js';

/** Time-out of the function. A rollout that is longer is delegated to the state machine. */
const timeoutSeconds = { lambda: 900, stateMachine: 130, durable: 900 } as const;

/** Pauses before Lambda's retries of an event. */
const retryPausesSeconds = [0, 60, 120];

class CrashError extends Error {}

/** The function behind the custom resource, and the state machine that it delegates to. */
export class OverlapFunction {
  /** Pending work. */
  readonly work = new Set<Promise<unknown>>();
  readonly #world: OverlapWorld;
  readonly #schedule: OverlapSchedule;
  readonly #clients: FaultyClients;
  readonly #random: () => number;
  readonly #executions = new Set<string>();

  constructor(world: OverlapWorld, schedule: OverlapSchedule) {
    this.#world = world;
    this.#schedule = schedule;
    this.#random = randomOf(schedule.seed ^ 0x5bd1e995);
    this.#clients = new FaultyClients(world, schedule.faults, this.#random);
  }

  /** Delivers an event as Lambda does, with up to two retries after a crash. */
  deliver(sent: SentRequest, event: unknown, delaySeconds: number): void {
    this.#track(this.#invokeUntilDone(sent, event, delaySeconds));
  }

  async #invokeUntilDone(sent: SentRequest, event: unknown, delaySeconds: number): Promise<void> {
    const { clock } = this.#world.cloud;
    for (const pauseSeconds of retryPausesSeconds) {
      await clock.sleep((pauseSeconds === 0 ? delaySeconds : pauseSeconds) * 1000);
      try {
        const { status } = (await this.#invoke(sent, event)) as { readonly status: string };
        sent.ends.push(status);
        return;
      } catch (error) {
        sent.ends.push(error instanceof CrashError ? 'crashed' : `threw ${String(error)}`);
      }
    }
  }

  /** Runs one invocation. Rejects when it crashes. */
  async #invoke(sent: SentRequest, payload: unknown): Promise<unknown> {
    const { cloud } = this.#world;
    const { clock } = cloud;
    const run = `${sent.index}.${sent.runs++}`;
    const dead = new Promise<never>(() => {});
    let isDead = false;
    let die = (_error: Error) => {};
    const death = new Promise<never>((_, reject) => {
      die = reject;
    });
    const crash = () => {
      isDead = true;
      die(new CrashError());
      return dead;
    };
    const alive = async <T>(call: () => Promise<T>): Promise<T> => {
      if (isDead) return dead;
      const result = await call().catch((error: unknown) => (isDead ? dead : Promise.reject(error)));
      return isDead ? dead : result;
    };
    const client = this.#clients.clientOf({ request: sent.index, run, crash });
    const result = this.#handle(sent, payload, {
      elasticLoadBalancing: mortal(client, alive),
      fetch: async (_url, init) => alive(() => this.#receive(sent, init)),
      endsAt: clock.now() + timeoutSeconds[this.#schedule.engine] * 1000,
    });
    return Promise.race([result, death]);
  }

  async #handle(
    sent: SentRequest,
    payload: unknown,
    invocation: {
      readonly elasticLoadBalancing: ReturnType<FaultyClients['clientOf']>;
      readonly fetch: typeof fetch;
      readonly endsAt: number;
    },
  ): Promise<unknown> {
    const { clock, clients } = this.#world.cloud;
    const { elasticLoadBalancing, fetch } = invocation;
    const options = {
      clients: { elasticLoadBalancing, cloudWatch: clients.cloudWatch },
      fetch,
      clock,
      logger: silentLogger,
    };
    if (this.#schedule.engine === 'durable') {
      const handler = managedListenerRuleHandler({ ...options, durable: runDurably });
      return new DurableJournal({ clock }).run((context) => handler(payload, context));
    }
    const delegate = this.#schedule.engine === 'stateMachine' ? this.#delegateOf(sent) : undefined;
    return managedListenerRuleHandler({ ...options, delegate })(payload, {
      getRemainingTimeInMillis: () => invocation.endsAt - clock.now(),
    });
  }

  async #receive(sent: SentRequest, init: RequestInit | undefined): Promise<Response> {
    const { clock } = this.#world.cloud;
    await clock.sleep(20);
    const { Status } = JSON.parse(await new Response(init?.body ?? null).text());
    sent.responses.push({ at: clock.now(), status: Status });
    sent.onResponse();
    return new Response('');
  }

  #delegateOf(sent: SentRequest) {
    return {
      stateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:rollouts',
      steps: stepFunctionsHandler,
      stepFunctions: {
        send: async ({ input: { name = '', input = '' } }: StartExecutionCommand) => {
          await this.#world.cloud.clock.sleep(50);
          if (this.#executions.has(name)) throw awsError('ExecutionAlreadyExists', 'It exists');
          this.#executions.add(name);
          this.#track(this.#execute(sent, JSON.parse(input)));
          if (this.#random() < this.#schedule.faults.rate) throw new Error('No response');
          return {};
        },
      },
    };
  }

  /** Runs an execution: retries its tasks as defined, and reports its end. */
  async #execute(sent: SentRequest, input: Readonly<Record<string, unknown>>): Promise<void> {
    let end: { outcome: ExecutionState['outcome']; cause: string } = { outcome: 'halted', cause: '' };
    try {
      let state = await this.#task(sent, { action: 'begin', state: { input } });
      while (state.outcome === 'inProgress') {
        await this.#world.cloud.clock.sleep(state.waitSeconds * 1000);
        state = await this.#advance(sent, state);
      }
      end = { outcome: state.outcome, cause: state.reason };
    } catch (error) {
      end = { outcome: 'halted', cause: String(error) };
    }
    await this.#task(sent, { task: 'report', input, end });
  }

  async #advance(sent: SentRequest, state: ExecutionState): Promise<ExecutionState> {
    try {
      return await this.#task(sent, { action: 'advance', state });
    } catch (error) {
      const { name, message } = error as Error;
      const failed = { ...state, failure: { Error: name, Cause: message } };
      return this.#task(sent, { action: 'rollBack', state: failed }, { attempts: 12, maxPauseSeconds: 300 });
    }
  }

  async #task(
    sent: SentRequest,
    payload: unknown,
    { attempts, maxPauseSeconds } = { attempts: 6, maxPauseSeconds: 30 },
  ): Promise<ExecutionState> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#invoke(sent, payload)) as ExecutionState;
      } catch (error) {
        if (attempt >= attempts) throw error;
        await this.#world.cloud.clock.sleep(Math.min(2 ** attempt, maxPauseSeconds) * 1000);
      }
    }
  }

  #track(promise: Promise<void>): void {
    const tracked = promise
      .catch((error: unknown) => void this.#world.astray.push(error))
      .finally(() => this.work.delete(tracked));
    this.work.add(tracked);
  }
}

/** A client that sends its calls through a function. */
function mortal<Client extends object>(
  client: Client,
  alive: <T>(call: () => Promise<T>) => Promise<T>,
): Client {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'send' || typeof value !== 'function') return value;
      return (...given: unknown[]) => alive(async () => value(...given));
    },
  });
}
