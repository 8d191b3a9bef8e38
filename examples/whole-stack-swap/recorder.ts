import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import type { RunStep } from './stack.js';

/** One of the fifteen steps, as it was carried out. */
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

/** Hears of the steps while they are carried out. */
export interface StepListener {
  started(step: { readonly number: number; readonly name: string; readonly by: string }): void;
  ended(step: StepRecord): void;
}

/** Notes when each step ran, by whom, and how many calls to AWS it took. */
export class Recorder {
  readonly steps: StepRecord[] = [];
  readonly #cloud: SimulatedCloud;
  readonly #listener: StepListener | undefined;
  /** The lifecycle event that is under way. */
  currentHook = '';

  constructor(cloud: SimulatedCloud, listener?: StepListener) {
    this.#cloud = cloud;
    this.#listener = listener;
  }

  /** Carries out a step of a hook. */
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

  /** Begins a step; the function that it gives ends it. */
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
