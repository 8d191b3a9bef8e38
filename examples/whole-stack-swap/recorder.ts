import type { Logger } from 'aws-blue-green-toolkit/core';
import type { SimulatedCloud } from 'aws-blue-green-toolkit/testing';
import { codeDeploySteps, type StepNumbers, stepNames } from './step-names.js';

/** Record of one of the fifteen steps. */
export interface StepRecord {
  readonly number: number;
  readonly name: string;
  /** The hook or the tick that ran it, or CodeDeploy itself. */
  readonly by: string;
  /** Calls of the swap meanwhile, those of its record included. */
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

/** Records the time, the runner and the number of AWS calls of each step: from the log lines of the swap, and from CodeDeploy. */
export class Recorder {
  readonly steps: StepRecord[] = [];
  /** Logger of the swap. */
  readonly logger: Logger;
  cloud: SimulatedCloud | undefined;
  readonly #numbers: StepNumbers;
  readonly #listener: StepListener | undefined;
  readonly #open = new Map<number, (outcome: StepRecord['outcome']) => void>();
  readonly #missing = new Map<number, Set<string>>();
  #hook = '';

  constructor(numbers: StepNumbers, listener?: StepListener) {
    this.#numbers = numbers;
    this.#listener = listener;
    const info = (message: string, data?: unknown) => this.#read(message, (data ?? {}) as { step?: string });
    this.logger = { debug: () => {}, info, warn: info, error: () => {} };
  }

  /** Records a lifecycle event of CodeDeploy. */
  readonly onLifecycleEvent = (name: string, progress: 'started' | 'succeeded' | 'failed'): void => {
    this.#hook = progress === 'started' ? name : '';
    const number = codeDeploySteps[name];
    if (number === undefined) return;
    if (progress === 'started') this.#start(number, 'CodeDeploy');
    else this.#end(number, progress === 'succeeded' ? 'done' : 'failed');
  };

  #read(message: string, { step }: { readonly step?: string }): void {
    if (message === 'Requested rollback of swap' || message === 'Ended swap') this.#failOpenSteps();
    const entry = step === undefined ? undefined : this.#numbers.get(step);
    if (step === undefined || entry === undefined) return;
    const { number, group } = entry;
    if (/^(Started|Could not complete) step/.test(message)) this.#begin(number, group);
    if (!/^(Completed|Skipped) step/.test(message)) return;
    this.#begin(number, group);
    const missing = this.#missing.get(number);
    missing?.delete(step);
    if (missing?.size === 0) this.#end(number, 'done');
  }

  #begin(number: number, group: readonly string[]): void {
    if (this.#open.has(number)) return;
    // A step that failed begins again with what is left of it.
    if (!this.#missing.has(number)) this.#missing.set(number, new Set(group));
    this.#start(number, this.#hook === '' || number > 9 ? 'deploymentEnded' : `${this.#hook} hook`);
  }

  #start(number: number, by: string): void {
    const name = stepNames[number - 1] ?? '';
    const callsBefore = this.#calls();
    const startedAt = this.#time();
    this.#listener?.started({ number, name, by });
    this.#open.set(number, (outcome) => {
      const awsCalls = by === 'CodeDeploy' ? 0 : this.#calls() - callsBefore;
      const step = { number, name, by, awsCalls, startedAt, endedAt: this.#time(), outcome };
      this.steps.push(step);
      this.#listener?.ended(step);
    });
  }

  #end(number: number, outcome: StepRecord['outcome']): void {
    this.#open.get(number)?.(outcome);
    this.#open.delete(number);
  }

  #failOpenSteps(): void {
    const codeDeploy = Object.values(codeDeploySteps);
    for (const number of this.#open.keys()) if (!codeDeploy.includes(number)) this.#end(number, 'failed');
  }

  #calls(): number {
    return this.cloud?.calls.length ?? 0;
  }

  #time(): string {
    return new Date(this.cloud?.clock.now() ?? 0).toISOString();
  }
}
