import { ServiceException } from '@smithy/core/client';
import { Uint8ArrayBlobAdapter } from '@smithy/core/serde';
import type { MetadataBearer } from '@smithy/types';
import type { CallRates } from './call-rates.js';
import { actionOf, awsError, type SimulatedService } from './environment.js';
import {
  accessDenied,
  type Fault,
  FaultPlan,
  noResponse,
  SimulatedCrash,
  type SimulatedStall,
} from './faults.js';
import { currentProcess, runAsAws, type SimulatedProcess } from './simulated-process.js';
import type { VirtualClock } from './virtual-clock.js';

/** One attempt of a call that reached the simulated AWS. */
export interface RecordedCall {
  /** The service's IAM prefix and the operation: `sqs:PurgeQueue`. */
  readonly action: string;
  /** The parameters of the call. */
  readonly input: unknown;
  /** The virtual time of the attempt, in milliseconds since 1970. */
  readonly at: number;
  /** `'ok'`, or the name of the error that AWS responded with. A client that aborted the call has not received it. */
  readonly outcome: string;
}

/** A call that met an injected fault. */
export interface MetFault {
  /** The kind of the fault. */
  readonly kind: Fault['kind'];
  /** The service's IAM prefix and the operation: `sqs:PurgeQueue`. */
  readonly action: string;
  /** The virtual time of the call, in milliseconds since 1970. */
  readonly at: number;
}

/** Responds to calls: records them, injects their faults, and lets the services perform them. */
export class CallResponder {
  readonly calls: RecordedCall[] = [];
  readonly metFaults: MetFault[] = [];
  readonly faults = new FaultPlan();
  readonly #clock: VirtualClock;
  readonly #latencyMilliseconds: number;
  readonly #callRates: CallRates;
  readonly #lastOutputs = new Map<string, unknown>();
  #crashed = false;

  constructor(options: { clock: VirtualClock; latencyMilliseconds: number; callRates: CallRates }) {
    this.#clock = options.clock;
    this.#latencyMilliseconds = options.latencyMilliseconds;
    this.#callRates = options.callRates;
  }

  /** Starts the crashed process again. */
  restart(): void {
    this.#crashed = false;
  }

  /** Responds to one attempt of a call, as the process that makes it sees it. */
  async respond(service: SimulatedService, operation: string, input: unknown): Promise<MetadataBearer> {
    const action = actionOf(service, operation);
    const process = currentProcess();
    if (process?.died.aborted) return neverReturns();
    const fault = this.#faultOf(action, operation, input);
    if (isStall(fault)) await this.#stall(process, fault);
    const at = runAsAws(() => this.#clock.now());
    const index = this.calls.push({ action, input, at, outcome: 'pending' }) - 1;
    if (fault !== undefined) this.metFaults.push({ kind: fault, action, at });
    const finish = (outcome: string) => {
      this.calls[index] = { action, input, at, outcome };
    };
    const die = (dying: SimulatedProcess) => {
      finish('killed');
      dying.die();
      return neverReturns();
    };
    try {
      if (this.#latencyMilliseconds > 0) await this.#clock.sleep(this.#latencyMilliseconds);
      if (fault === 'killBefore' && process !== undefined) return await die(process);
      const output = await runAsAws(() => this.#perform(service, { operation, action, input }, fault));
      if (fault === 'killAfter' && process !== undefined) return await die(process);
      if (fault === 'killAfter') this.#crash();
      finish('ok');
      if (process?.died.aborted) return await neverReturns();
      return {
        ...withSdkBlobs(output as object),
        $metadata: { httpStatusCode: 200, requestId: `simulated-${index + 1}` },
      };
    } catch (error) {
      // A refusal is a response that a dying process does not receive, too.
      if (fault === 'killAfter' && process !== undefined) return die(process);
      finish(error instanceof Error ? error.name : 'unknown');
      throw error;
    }
  }

  /** Returns the fault of a call, unless it has no effect on it. */
  #faultOf(action: string, operation: string, input: unknown): Fault['kind'] | undefined {
    const fault = this.#crashed ? undefined : this.faults.next(action);
    const hasEffect =
      fault !== 'staleRead' ||
      (canBeStale(operation, input) && this.#lastOutputs.has(requestOf(action, input)));
    return hasEffect ? fault : undefined;
  }

  async #perform(
    service: SimulatedService,
    { operation, action, input }: { operation: string; action: string; input: unknown },
    fault: Fault['kind'] | undefined,
  ): Promise<unknown> {
    if (this.#crashed) throw new SimulatedCrash();
    const perform = service.operations[operation];
    if (perform === undefined) throw new TypeError(`SimulatedCloud does not simulate ${action}`);
    const request = requestOf(action, input);
    if (fault === 'staleRead') return structuredClone(this.#lastOutputs.get(request));
    this.#failBefore(fault, service, action);
    if (!this.#callRates.admit(action)) throw awsError(service.throttlingError, 'Rate exceeded');
    try {
      // The client's command has typed the input for this operation.
      const output = structuredClone((await perform(input as never)) ?? {});
      this.#lastOutputs.set(request, output);
      this.#failAfter(fault);
      return structuredClone(output);
    } catch (error) {
      // A refusal is a response that can be lost, too.
      if (error instanceof ServiceException) this.#failAfter(fault);
      throw error;
    }
  }

  #failBefore(fault: Fault['kind'] | undefined, service: SimulatedService, action: string): void {
    if (fault instanceof Error) throw fault;
    if (fault === 'throttle') throw awsError(service.throttlingError, 'Rate exceeded');
    if (fault === 'serverError') throw awsError('InternalFailure', 'Internal failure', 500);
    if (fault === 'timeout') throw noResponse();
    if (fault === 'accessDenied') throw accessDenied(action);
    if (fault === 'crashBefore' || fault === 'killBefore') this.#crash();
  }

  #failAfter(fault: Fault['kind'] | undefined): void {
    if (fault === 'lostResponse') throw noResponse();
    if (fault === 'crashAfter') this.#crash();
  }

  async #stall(process: SimulatedProcess | undefined, { stallSeconds }: SimulatedStall): Promise<void> {
    if (process === undefined)
      throw new TypeError('Invalid fault: stallSeconds: expected a call within a Lambda function');
    const milliseconds = stallSeconds * 1000;
    await runAsAws(() => {
      process.stall(this.#clock.now(), milliseconds);
      return this.#clock.sleep(milliseconds);
    });
  }

  #crash(): never {
    this.#crashed = true;
    throw new SimulatedCrash();
  }
}

function isStall(fault: Fault['kind'] | undefined): fault is SimulatedStall {
  return typeof fault === 'object' && !(fault instanceof Error);
}

function requestOf(action: string, input: unknown): string {
  return `${action} ${JSON.stringify(input)}`;
}

/** Waits for the response of a process that is dead. */
function neverReturns(): Promise<never> {
  return new Promise(() => {});
}

/** Only a read can be stale, and a strongly consistent one of DynamoDB never is. */
function canBeStale(operation: string, input: unknown): boolean {
  const isConsistent = (input as { ConsistentRead?: boolean } | undefined)?.ConsistentRead === true;
  return /^(Describe|Get|List|Query)/.test(operation) && !isConsistent;
}

/** Restores the SDK's own type of byte arrays, which a structured clone loses. */
function withSdkBlobs(output: object): object {
  const members = Object.entries(output).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Uint8ArrayBlobAdapter.mutate(value) : value,
  ]);
  return Object.fromEntries(members);
}
