import { silentLogger } from '../../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../../src/custom-resource/index.js';
import { OverlapFunction } from './overlap-function.js';
import { OverlapWorld, type SentRequest, type Wanted } from './overlap-world.js';
import type { Operation, OverlapSchedule } from './schedule.js';

/** Rollbacks after which CloudFormation leaves the stack unchanged. */
const maxRollbacks = 3;

const timeoutSeconds = 3600;

type Delivery = Pick<Operation, 'cancelAfterSeconds' | 'delaySeconds' | 'duplicateAfterSeconds'>;

/** A request to send. */
interface Draft {
  readonly type: SentRequest['type'];
  readonly from: Wanted;
  readonly to: Wanted;
  readonly isRollback?: boolean;
}

/** Runs a schedule until nothing is pending. */
export async function runSchedule(schedule: OverlapSchedule): Promise<OverlapWorld> {
  const stack = new OverlapStack(schedule);
  await stack.create();
  for (const operation of schedule.operations) await stack.carryOut(operation);
  await stack.end();
  return stack.world;
}

/** A stack with the rule, and CloudFormation's requests for it. */
class OverlapStack {
  readonly world: OverlapWorld;
  readonly #schedule: OverlapSchedule;
  readonly #function: OverlapFunction;
  #physicalId: string | undefined;
  #present: Wanted;

  constructor(schedule: OverlapSchedule) {
    this.#schedule = schedule;
    this.#present = { green: schedule.firstGreen, priority: 11 };
    this.world = new OverlapWorld(schedule);
    this.#function = new OverlapFunction(this.world, schedule);
  }

  /** Creates the rule before any fault. */
  async create(): Promise<void> {
    const { clock, clients } = this.world.cloud;
    const { sent, event } = this.#draw({ type: 'Create', from: this.#present, to: this.#present });
    const handler = managedListenerRuleHandler({
      clients: { elasticLoadBalancing: clients.elasticLoadBalancing, cloudWatch: clients.cloudWatch },
      fetch: async (_url, init) => {
        const { Status, PhysicalResourceId } = JSON.parse(await new Response(init?.body ?? null).text());
        sent.responses.push({ at: clock.now(), status: Status });
        this.#physicalId = PhysicalResourceId;
        return new Response('');
      },
      clock,
      logger: silentLogger,
    });
    await handler(event, { getRemainingTimeInMillis: () => 900_000 });
    this.world.takeSnapshot();
    await clock.sleep(60_000);
  }

  /** Updates or deletes the stack. A failed or cancelled update is rolled back. */
  async carryOut(operation: Operation): Promise<void> {
    const { clock } = this.world.cloud;
    const from = this.#present;
    if (operation.kind === 'delete') {
      await this.#send({ type: 'Delete', from, to: from }, operation);
      return;
    }
    const to = { green: operation.green, priority: operation.priority };
    const isDone = await this.#send({ type: 'Update', from, to }, operation);
    if (isDone) this.#present = to;
    else await this.#rollBack(operation);
    await clock.sleep(operation.pauseSeconds * 1000);
  }

  /** Waits until all invocations and executions have ended. */
  async end(): Promise<void> {
    const { work } = this.#function;
    while (work.size > 0) {
      const done = new AbortController();
      void Promise.all(work).then(() => done.abort());
      await this.#passed(timeoutSeconds, done.signal);
    }
  }

  async #rollBack({ green, priority, duplicateAfterSeconds }: Operation): Promise<void> {
    const from = { green, priority };
    const draft: Draft = { type: 'Update', from, to: this.#present, isRollback: true };
    const delivery: Delivery = { cancelAfterSeconds: undefined, delaySeconds: 0, duplicateAfterSeconds };
    for (let attempt = 1; attempt <= maxRollbacks; attempt += 1) {
      if (await this.#send(draft, delivery)) return;
      await this.world.cloud.clock.sleep(30_000);
    }
  }

  /** Sends a request, and waits for its response. Returns true when it succeeded. */
  async #send(draft: Draft, delivery: Delivery): Promise<boolean> {
    const { sent, event } = this.#draw(draft);
    const { cancelAfterSeconds = timeoutSeconds, delaySeconds, duplicateAfterSeconds } = delivery;
    const responded = new AbortController();
    sent.onResponse = () => responded.abort();
    this.#function.deliver(sent, event, delaySeconds);
    if (duplicateAfterSeconds !== undefined) this.#function.deliver(sent, event, duplicateAfterSeconds);
    await this.#passed(cancelAfterSeconds, responded.signal);
    return sent.responses[0]?.status === 'SUCCESS';
  }

  #draw({ type, from, to, isRollback = false }: Draft): { sent: SentRequest; event: unknown } {
    const { requests, cloud } = this.world;
    const index = requests.length;
    const madeAt = cloud.clock.now();
    const sent: SentRequest = {
      index,
      type,
      isRollback,
      wanted: to,
      madeAt,
      responses: [],
      ends: [],
      runs: 0,
      onResponse: () => {},
    };
    requests.push(sent);
    const date = new Date(madeAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const event = {
      RequestType: type,
      RequestId: `request-${index}-of-${this.#schedule.seed}`,
      StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1',
      LogicalResourceId: 'Rule',
      ResponseURL: `https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/${index}?X-Amz-Date=${date}`,
      ...(this.#physicalId !== undefined && { PhysicalResourceId: this.#physicalId }),
      ResourceProperties: this.world.template(to),
      ...(type === 'Update' && { OldResourceProperties: this.world.template(from) }),
    };
    return { sent, event };
  }

  /** A journal detects only after a moment that its function waits, and a long sleep would be over by then. */
  async #passed(seconds: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.world.cloud;
    const end = clock.now() + seconds * 1000;
    const slice = this.#schedule.engine === 'durable' ? 500 : seconds * 1000;
    while (!signal.aborted && clock.now() < end) {
      await clock.sleep(Math.min(slice, end - clock.now()), signal).catch(() => {});
    }
  }
}
