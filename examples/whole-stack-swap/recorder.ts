import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import type { RunStep } from './stack.js';

/** Record of one of the fifteen steps. */
export interface StepRecord {
  readonly number: number;
  readonly name: string;
  /** The hook, or CodeDeploy itself. */
  readonly by: string;
  readonly awsCalls: number;
  /** Virtual time, ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcome: 'done' | 'failed';
}

/** Listener for the start and the end of each step. */
export interface StepListener {
  started(step: { readonly number: number; readonly name: string; readonly by: string }): void;
  ended(step: StepRecord): void;
}

/** Records the time, the runner and the number of AWS calls of each step. */
export class Recorder {
  readonly steps: StepRecord[] = [];
  readonly #cloud: SimulatedCloud;
  readonly #listener: StepListener | undefined;
  /** Lifecycle event in progress. */
  currentHook = '';

  constructor(cloud: SimulatedCloud, listener?: StepListener) {
    this.#cloud = cloud;
    this.#listener = listener;
  }

  /** Runs a step of a hook. */
  readonly runStep: RunStep = async (number, name, work) => {
    const end = this.start(number, name, `${this.currentHook} hook`);
    try {
      await work();
    } catch (error) {
      end('failed');
      throw error;
    }
    end('done');
  };

  /** Begins a step. Call the returned function to end it. */
  start(number: number, name: string, by: string): (outcome: StepRecord['outcome']) => void {
    const callsBefore = this.#cloud.calls.length;
    const startedAt = this.#time();
    this.#listener?.started({ number, name, by });
    return (outcome) => {
      const awsCalls = this.#cloud.calls.length - callsBefore;
      const step = { number, name, by, awsCalls, startedAt, endedAt: this.#time(), outcome };
      this.steps.push(step);
      this.#listener?.ended(step);
    };
  }

  #time(): string {
    return new Date(this.#cloud.clock.now()).toISOString();
  }
}
