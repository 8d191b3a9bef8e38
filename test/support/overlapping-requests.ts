// Loaded beforehand: virtual time goes on while a module is loaded from disk.
import '@aws-sdk/client-sfn';
import type {
  DescribeRulesCommandOutput,
  DescribeTagsCommandOutput,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { silentLogger } from '../../src/core/logger.js';
import { managedListenerRuleHandler } from '../../src/custom-resource/index.js';
import { shiftDurably } from '../../src/durable/index.js';
import { stepFunctionsHandler } from '../../src/step-functions/index.js';
import { awsError } from '../../src/testing/cloud/environment.js';
import { SimulatedCloud } from '../../src/testing/index.js';
import { DurableJournal } from './durable-journal.js';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The function that works on the requests. */
export type OverlapEngine = 'lambda' | 'stateMachine' | 'durable';

/** One operation on the stack. */
export interface Operation {
  readonly kind: 'update' | 'delete';
  /** The share of green that the template wants. */
  readonly green: number;
  /** Seconds after its request at which CloudFormation gives it up, and sends the old properties. */
  readonly cancelAfterSeconds: number | undefined;
  /** Seconds until CloudFormation goes on after a response. */
  readonly pauseSeconds: number;
  /** Seconds that Lambda takes to deliver the request. */
  readonly delaySeconds: number;
  /** Seconds after which Lambda delivers it once more, if it does. */
  readonly duplicateAfterSeconds: number | undefined;
}

/** Faults of the calls to Elastic Load Balancing. */
export interface Faults {
  /** Share of the calls that meet a fault. */
  readonly rate: number;
  /** Calls of `ModifyRule` in a row that fail, from the given one on. */
  readonly burst: { readonly from: number; readonly length: number; readonly kind: FaultKind } | undefined;
  /** Invocations that may crash. */
  readonly crashes: number;
}

type FaultKind = 'throttle' | 'serverError' | 'lostResponse' | 'timeout' | 'late';

/** Requests that overlap, and everything that happens to them. */
export interface OverlapSchedule {
  readonly seed: number;
  readonly engine: OverlapEngine;
  readonly firstGreen: number;
  readonly stepWeight: number;
  readonly stepSeconds: number;
  readonly operations: readonly Operation[];
  readonly faults: Faults;
}

/** One request as it was sent. */
export interface SentRequest {
  readonly index: number;
  readonly type: 'Create' | 'Update' | 'Delete';
  /** It is the rollback of the update before it. */
  readonly isRollback: boolean;
  /** The share of green before and after it. */
  readonly from: number;
  readonly green: number;
  readonly madeAt: number;
  readonly responses: { readonly at: number; readonly status: string; readonly reason: string | undefined }[];
  /** Runs that ended by themselves, and how. */
  readonly ends: string[];
  runs: number;
}

/** A write that has taken effect. */
export interface LandedWrite {
  readonly request: number;
  readonly run: string;
  readonly action: string;
  readonly at: number;
  /** The share of green afterwards, when the write changed it. */
  readonly green: number | undefined;
}

/** Everything that a schedule has led to. */
export interface OverlapRun {
  readonly requests: readonly SentRequest[];
  readonly writes: readonly LandedWrite[];
  /** The share of green at the end; undefined without a rule. */
  readonly green: number | undefined;
  /** Errors that were thrown outside of a request. */
  readonly astray: readonly unknown[];
}

const gaps = [0, 0.3, 1, 2, 3, 5, 8, 12, 20, 40, 90, 200, 600];

/** Makes a schedule out of a seed. */
export function scheduleOf(seed: number): OverlapSchedule {
  const random = randomOf(seed);
  const pick = <T>(...items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const engine = pick<OverlapEngine>(
    'lambda',
    'lambda',
    'lambda',
    'lambda',
    'lambda',
    'stateMachine',
    'stateMachine',
    'durable',
  );
  const shares = [0, 20, 50, 80, 100];
  const count = pick(1, 1, 2, 2, 3);
  const isDeleted = random() < 0.15;
  const operations = Array.from({ length: count }, (_, index): Operation => {
    const cancelAfterSeconds = random() < 0.7 ? pick(...gaps) : undefined;
    // Requests of one second are taken in the order in which they come, and without a rule there is no ledger.
    const mayComeLate = !isDeleted && (cancelAfterSeconds === undefined || cancelAfterSeconds >= 1);
    return {
      kind: isDeleted && index === count - 1 ? 'delete' : 'update',
      green: pick(...shares),
      cancelAfterSeconds,
      pauseSeconds: pick(1, 5, 30, 300),
      delaySeconds: mayComeLate && random() < 0.2 ? pick(...gaps) : 0,
      duplicateAfterSeconds: mayComeLate && random() < 0.2 ? pick(...gaps) : undefined,
    };
  });
  const maySafelyDie =
    engine !== 'durable' && !isDeleted && operations.every((it) => (it.cancelAfterSeconds ?? 1) >= 1);
  return {
    seed,
    engine,
    firstGreen: pick(...shares),
    stepWeight: pick(20, 34, 100, 100),
    stepSeconds: engine === 'lambda' ? pick(1, 5, 10) : pick(30, 60),
    operations,
    faults: {
      rate: pick(0, 0.02, 0.08),
      burst:
        random() < 0.5
          ? {
              from: pick(1, 1, 2, 3),
              length: pick(1, 2, 3, 5),
              kind: pick<FaultKind>('throttle', 'serverError', 'lostResponse', 'timeout', 'late'),
            }
          : undefined,
      // What dies in a durable function is tested with its journal.
      crashes: maySafelyDie ? pick(0, 0, 1, 2) : 0,
    },
  };
}

/** Lambda's time-out of the function; a state machine takes what does not fit into it. */
const timeoutSeconds = { lambda: 900, stateMachine: 130, durable: 900 } as const;

const listenerConditions = { Hosts: ['example.com'], Priority: 11 };

/** Carries a schedule out, until nothing happens any more. */
export async function runSchedule(schedule: OverlapSchedule): Promise<OverlapRun> {
  const random = randomOf(schedule.seed ^ 0x5bd1e995);
  const cloud = new SimulatedCloud();
  const { clock, elasticLoadBalancing: elb } = cloud;
  const [blue, green] = ['blue', 'green'].map(
    (name) => elb.addTargetGroup({ name, targets: ['10.0.0.1'] }).arn,
  ) as [string, string];
  const loadBalancer = elb.addLoadBalancer({ name: 'web' });
  const listenerArn = elb.addListener({
    loadBalancerArn: loadBalancer.arn,
    defaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
  }).arn;
  const requests: SentRequest[] = [];
  const writes: LandedWrite[] = [];
  const astray: unknown[] = [];
  const executions = new Map<string, Promise<void>>();
  const listeners = new Map<SentRequest, () => void>();
  const work = new Set<Promise<unknown>>();
  const snapshots: {
    readonly at: number;
    readonly rules: unknown;
    readonly tags: ReadonlyMap<string, unknown>;
  }[] = [];
  let modifications = 0;
  let crashesLeft = schedule.faults.crashes;

  const share = (): number | undefined => {
    const [rule] = elb.rulesOf(listenerArn);
    if (rule === undefined) return undefined;
    const weights = elb.weightsInForce(rule.arn);
    return weights[green] ?? 0;
  };
  const snapshot = () => {
    const rules = elb.rulesOf(listenerArn);
    const tags = new Map(rules.map(({ arn }) => [arn, elb.operations.DescribeTags({ ResourceArns: [arn] })]));
    const described = new Map<string, unknown>(
      rules.map(({ arn }) => [arn, elb.operations.DescribeRules({ RuleArns: [arn] })]),
    );
    described.set(listenerArn, elb.operations.DescribeRules({ ListenerArn: listenerArn }));
    snapshots.push({ at: clock.now(), rules: described, tags: structuredClone(tags) });
  };
  snapshot();
  const track = <T>(promise: Promise<T>): Promise<T> => {
    const tracked = promise.finally(() => work.delete(tracked));
    work.add(tracked);
    return tracked;
  };

  /** A client of one run, with everything that can go wrong between it and the load balancer. */
  function clientOf(request: number, run: string, crash: () => never): ElasticLoadBalancingV2Client {
    const real = cloud.clients.elasticLoadBalancing;
    const send = async (
      command: { readonly input: Record<string, unknown>; readonly constructor: { readonly name: string } },
      { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
    ) => {
      const action = command.constructor.name.replace(/Command$/, '');
      const isRead = action.startsWith('Describe');
      const isModification = action === 'ModifyRule';
      if (isModification) modifications += 1;
      const { burst, rate } = schedule.faults;
      const isInBurst =
        isModification &&
        burst !== undefined &&
        modifications >= burst.from &&
        modifications < burst.from + burst.length;
      const dice = random();
      const pick = <T>(...items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
      const fault = isInBurst
        ? burst.kind
        : dice < rate
          ? pick<FaultKind>('throttle', 'serverError', 'lostResponse', 'timeout', 'late')
          : undefined;
      if (crashesLeft > 0 && random() < 0.04) {
        crashesLeft -= 1;
        // Half of the crashes come after the call has been sent.
        if (random() < 0.5 && !isRead)
          void clock
            .sleep(random() * 4_000)
            .then(effect)
            .catch(() => {});
        crash();
      }
      if (isRead && rate > 0 && random() < 0.1) return stale(action, command.input, random() * 4_000);
      const attempt = async () => {
        await clock.sleep(20 + random() * 80);
        if (fault === 'throttle') throw awsError('Throttling', 'Rate exceeded');
        if (fault === 'serverError') throw awsError('InternalFailure', 'Internal failure', 500);
        if (fault === 'timeout') throw Object.assign(new Error('No response'), { name: 'TimeoutError' });
        if (fault === 'late') await beLate();
        const output = await effect();
        if (fault === 'lostResponse') throw Object.assign(new Error('No response'), { name: 'TimeoutError' });
        return output;
      };
      // What was sent lands soon, also when it is aborted: nothing calls it back.
      return untilAborted(attempt(), abortSignal);

      async function effect() {
        const before = share();
        const output = await real.send(command as never);
        if (isRead) return output;
        const after = share();
        writes.push({
          request,
          run,
          action,
          at: clock.now(),
          green: before !== after || isModification ? after : undefined,
        });
        snapshot();
        return output;
      }

      /** A call that is slow takes effect at the latest four seconds after it was given up. */
      async function beLate(): Promise<void> {
        const end = new AbortController();
        const abort = () => end.abort();
        abortSignal?.addEventListener('abort', abort, { once: true });
        await clock.sleep(random() * 20_000, end.signal).catch(() => clock.sleep(random() * 4_000));
        abortSignal?.removeEventListener('abort', abort);
      }
    };
    return new Proxy(real, {
      get: (target, name) => (name === 'send' ? send : Reflect.get(target, name)),
    });
  }

  function stale(action: string, input: Record<string, unknown>, age: number): unknown {
    const at = clock.now() - age;
    const { rules, tags } = snapshots.findLast((it) => it.at <= at) ??
      snapshots[0] ?? { rules: new Map(), tags: new Map() };
    const [arn] = (input['ResourceArns'] ?? input['RuleArns'] ?? [input['ListenerArn']]) as string[];
    const table = (action === 'DescribeTags' ? tags : rules) as ReadonlyMap<string, unknown>;
    const known = table.get(String(arn));
    if (known !== undefined)
      return structuredClone(known) as DescribeTagsCommandOutput | DescribeRulesCommandOutput;
    const operations = elb.operations as unknown as Record<string, (given: unknown) => unknown>;
    return structuredClone(operations[action]?.(input));
  }

  /** One run of a request, or of a task of its execution. */
  function runOf(sent: SentRequest, payload: unknown, context: { getRemainingTimeInMillis(): number }) {
    const run = `${sent.index}.${sent.runs++}`;
    const dead = new Promise<never>(() => {});
    let isDead = false;
    let die: (error: Error) => void = () => {};
    const death = new Promise<never>((_, reject) => {
      die = reject;
    });
    const crash = (): never => {
      isDead = true;
      die(new CrashError());
      throw new NeverError(dead);
    };
    const options = {
      clients: {
        elasticLoadBalancing: mortal(clientOf(sent.index, run, crash), () => isDead, dead),
        cloudWatch: cloud.clients.cloudWatch,
      },
      fetch: async (_url: unknown, init?: RequestInit) => {
        if (isDead) return dead;
        await clock.sleep(20);
        const body = JSON.parse(await new Response(init?.body ?? null).text());
        sent.responses.push({ at: clock.now(), status: body.Status, reason: body.Reason });
        listeners.get(sent)?.();
        return new Response('');
      },
      clock,
      logger: silentLogger,
    };
    const result =
      schedule.engine === 'durable'
        ? new DurableJournal({ clock }).run((durableContext) =>
            managedListenerRuleHandler({ ...options, durable: shiftDurably })(payload, durableContext),
          )
        : managedListenerRuleHandler({
            ...options,
            ...(schedule.engine === 'stateMachine' && { delegate: delegateOf(sent) }),
          } as never)(payload, context as never);
    return Promise.race([result, death]);
  }

  function delegateOf(sent: SentRequest) {
    return {
      stateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:rollouts',
      steps: stepFunctionsHandler,
      stepFunctions: {
        send: async ({ input: { name = '', input = '' } }: { input: { name?: string; input?: string } }) => {
          await clock.sleep(50);
          if (executions.has(name)) throw awsError('ExecutionAlreadyExists', 'It exists');
          executions.set(
            name,
            track(execute(sent, JSON.parse(input)).catch((error) => void astray.push(error))),
          );
          if (random() < schedule.faults.rate) {
            throw Object.assign(new Error('No response'), { name: 'TimeoutError' });
          }
          return {};
        },
      },
    };
  }

  /** The state machine: its tasks are repeated as its definition says, and at its end it reports. */
  async function execute(sent: SentRequest, input: Record<string, unknown>): Promise<void> {
    type State = Record<string, unknown> & { phase: string; waitSeconds: number; reason: string };
    const task = async (payload: unknown, attempts: number, maxPause: number): Promise<State> => {
      for (let attempt = 1; ; attempt += 1) {
        const end = clock.now() + timeoutSeconds.stateMachine * 1000;
        try {
          return (await runOf(sent, payload, { getRemainingTimeInMillis: () => end - clock.now() })) as never;
        } catch (error) {
          if (attempt >= attempts) throw error;
          await clock.sleep(Math.min(2 ** attempt, maxPause) * 1000);
        }
      }
    };
    let state: State = { input, phase: '', waitSeconds: 0, reason: '' };
    let outcome = 'halted';
    let cause = '';
    try {
      state = await task({ action: 'begin', state: { input } }, 6, 30);
      while (!/succeeded|rolledBack|halted/.test(state.phase)) {
        if (state.waitSeconds > 0) await clock.sleep(state.waitSeconds * 1000);
        try {
          state = await task({ action: 'advance', state }, 6, 30);
        } catch (error) {
          const failure = { Error: (error as Error).name, Cause: (error as Error).message };
          state = await task({ action: 'rollBack', state: { ...state, failure } }, 12, 300);
        }
      }
      outcome = state.phase;
      cause = state.reason;
    } catch (error) {
      cause = String(error);
    }
    await task({ task: 'report', input, end: { outcome, ...(cause && { cause }) } }, 6, 30);
  }

  /** Lambda delivers an event, and runs it again when the function has crashed, up to two times. */
  async function deliver(sent: SentRequest, event: unknown, delaySeconds: number): Promise<void> {
    await clock.sleep(delaySeconds * 1000);
    for (const pauseSeconds of [0, 60, 120]) {
      if (pauseSeconds > 0) await clock.sleep(pauseSeconds * 1000);
      const end = clock.now() + timeoutSeconds[schedule.engine] * 1000;
      try {
        const context = { getRemainingTimeInMillis: () => end - clock.now() };
        const { status } = (await runOf(sent, event, context)) as { readonly status: string };
        sent.ends.push(status);
        return;
      } catch (error) {
        sent.ends.push(error instanceof CrashError ? 'crashed' : `threw ${(error as Error).name}`);
      }
    }
  }

  /** A journal sees that its function waits only after a moment, in which a long sleep would be over. */
  async function passed(milliseconds: number, signal: AbortSignal): Promise<void> {
    const end = clock.now() + milliseconds;
    const slice = schedule.engine === 'durable' ? 500 : milliseconds;
    while (!signal.aborted && clock.now() < end) {
      await clock.sleep(Math.min(slice, end - clock.now()), signal).catch(() => {});
    }
  }

  const template = (share: number) => ({
    ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:managed-rule',
    ListenerArn: listenerArn,
    ...listenerConditions,
    StepWeight: schedule.stepWeight,
    StepInterval: `${schedule.stepSeconds}s`,
    Destinations: [
      { TargetGroupArn: blue, Weight: 100 - share },
      { TargetGroupArn: green, Weight: share },
    ],
  });

  let physicalId: string | undefined;
  async function send(
    type: SentRequest['type'],
    { from, to, isRollback = false }: { from: number; to: number; isRollback?: boolean },
    operation: Pick<Operation, 'cancelAfterSeconds' | 'delaySeconds' | 'duplicateAfterSeconds'>,
  ): Promise<boolean> {
    const index = requests.length;
    const date = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
    const sent: SentRequest = {
      index,
      type,
      isRollback,
      from,
      green: to,
      madeAt: clock.now(),
      responses: [],
      ends: [],
      runs: 0,
    };
    requests.push(sent);
    const responded = new AbortController();
    listeners.set(sent, () => responded.abort());
    const event = {
      RequestType: type,
      RequestId: `${String(index).padStart(8, '0')}-0000-4000-8000-${String(schedule.seed % 1e12).padStart(12, '0')}`,
      StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1',
      LogicalResourceId: 'Rule',
      ResponseURL: `https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/${index}?X-Amz-Date=${date}Z`,
      ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
      ResourceProperties: template(to),
      ...(type === 'Update' && { OldResourceProperties: template(from) }),
    };
    const { cancelAfterSeconds = 3600, delaySeconds, duplicateAfterSeconds } = operation;
    void track(deliver(sent, event, delaySeconds).catch((error) => void astray.push(error)));
    if (duplicateAfterSeconds !== undefined) {
      void track(deliver(sent, event, duplicateAfterSeconds).catch((error) => void astray.push(error)));
    }
    await passed(cancelAfterSeconds * 1000, responded.signal);
    const [response] = sent.responses;
    return response?.status === 'SUCCESS';
  }

  const calm = { cancelAfterSeconds: undefined, delaySeconds: 0, duplicateAfterSeconds: undefined };
  let present = schedule.firstGreen;
  // Created before anything goes wrong.
  await createRule();
  for (const operation of schedule.operations) {
    if (operation.kind === 'delete') {
      await send('Delete', { from: present, to: present }, operation);
      break;
    }
    const isDone = await send('Update', { from: present, to: operation.green }, operation);
    if (isDone) {
      present = operation.green;
    } else {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const back = { from: operation.green, to: present, isRollback: true };
        const { duplicateAfterSeconds } = operation;
        if (await send('Update', back, { ...calm, duplicateAfterSeconds })) break;
        await clock.sleep(30_000);
      }
    }
    await clock.sleep(operation.pauseSeconds * 1000);
  }
  while (work.size > 0) {
    const done = new AbortController();
    void Promise.all(work).then(() => done.abort());
    await passed(3_600_000, done.signal);
  }
  return { requests, writes, green: share(), astray };

  /** The rule and its first request, without any fault. */
  async function createRule(): Promise<void> {
    const sent: SentRequest = {
      index: 0,
      type: 'Create',
      isRollback: false,
      from: present,
      green: present,
      madeAt: clock.now(),
      responses: [],
      ends: [],
      runs: 0,
    };
    requests.push(sent);
    const handler = managedListenerRuleHandler({
      clients: {
        elasticLoadBalancing: cloud.clients.elasticLoadBalancing,
        cloudWatch: cloud.clients.cloudWatch,
      },
      fetch: async (_url, init) => {
        const body = JSON.parse(await new Response(init?.body ?? null).text());
        sent.responses.push({ at: clock.now(), status: body.Status, reason: body.Reason });
        physicalId = body.PhysicalResourceId;
        return new Response('');
      },
      clock,
      logger: silentLogger,
    });
    const date = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
    await handler(
      {
        RequestType: 'Create',
        RequestId: `create-${schedule.seed}`,
        StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/1',
        LogicalResourceId: 'Rule',
        ResponseURL: `https://cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com/c?X-Amz-Date=${date}Z`,
        ResourceProperties: template(present),
      },
      { getRemainingTimeInMillis: () => 900_000 },
    );
    snapshot();
    await clock.sleep(60_000);
  }
}

class CrashError extends Error {}

/** Thrown into a process that has died: it waits for ever. */
class NeverError extends Error {
  readonly wait: Promise<never>;

  constructor(wait: Promise<never>) {
    super('The process has died');
    this.wait = wait;
  }
}

/** Nothing comes back to a process that has died. */
function mortal<Client extends object>(client: Client, isDead: () => boolean, dead: Promise<never>): Client {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'send' || typeof value !== 'function') return value;
      return async (...given: unknown[]) => {
        if (isDead()) return dead;
        try {
          const output = await value(...given);
          return isDead() ? await dead : output;
        } catch (error) {
          if (isDead() || error instanceof NeverError) return dead;
          throw error;
        }
      };
    },
  });
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

/** Sentences for everything that must not happen. */
export function violationsOf({ requests, writes, green, astray }: OverlapRun): string[] {
  const found: string[] = astray.map((error) => `thrown outside of a request: ${String(error)}`);
  const isTag = ({ action }: LandedWrite) => /Tags$/.test(action);
  for (const request of requests) {
    const { index, type, responses, ends } = request;
    const [first] = responses;
    if (first === undefined) {
      if (!ends.every((end) => end === 'crashed')) found.push(`request ${index} has no response: ${ends}`);
      continue;
    }
    const statuses = new Set(responses.map(({ status }) => status));
    if (statuses.size > 1) found.push(`request ${index} has the responses ${[...statuses]}`);
    for (const write of writes) {
      if (write.at <= first.at || isTag(write)) continue;
      const isOvertaken = requests.some((it) => it.index > index && it.madeAt <= first.at);
      const isOwn = write.request === index && !isOvertaken;
      if (isOwn || index > write.request) {
        const what = `${write.action}${write.green === undefined ? '' : ` (green ${write.green})`}`;
        found.push(
          `${what} by run ${write.run} at ${write.at}, after request ${index} had its response at ${first.at}`,
        );
      }
    }
    if (type === 'Delete' && first.status === 'SUCCESS' && green !== undefined)
      found.push('the rule was not deleted');
  }
  const last = requests.findLast(({ type }) => type === 'Update');
  const isDeleted = requests.some(({ type }) => type === 'Delete');
  if (!isDeleted && last?.responses[0]?.status === 'SUCCESS' && Math.abs((green ?? -1) - last.green) > 0.01) {
    found.push(`green has ${green} %, though request ${last.index} succeeded with ${last.green} %`);
  }
  return [...found, ...turningBackTwice(requests, writes)];
}

/** A run that has turned back never raises the share again that it takes back. */
function turningBackTwice(requests: readonly SentRequest[], writes: readonly LandedWrite[]): string[] {
  return [...new Set(writes.map(({ run }) => run))].flatMap((run) => {
    const shares = writes.flatMap((it) => (it.run === run && it.green !== undefined ? [it.green] : []));
    const request = requests[writes.find((it) => it.run === run)?.request ?? -1];
    const steps = shares.slice(1).map((share, index) => Math.sign(share - (shares[index] ?? share)));
    const turns = steps
      .filter((step) => step !== 0)
      .filter((step, index, all) => index > 0 && step !== all[index - 1]);
    return turns.length > 1 ? [`run ${run} of request ${request?.index} wrote ${shares.join(', ')}`] : [];
  });
}
