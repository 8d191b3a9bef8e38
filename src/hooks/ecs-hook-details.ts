import * as v from 'valibot';
import { invalidInput } from '../core/errors.js';
import { fromJson } from '../core/from-json.js';
import { nonEmptyString, wholeNumber } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { EcsHookExecution } from './ecs-event.js';
import type { EcsHookStep } from './ecs-steps.js';

/** The toolkit's entry in the hook details; the others are the hook's configuration. */
const entry = 'aws-blue-green-toolkit';

const version = 1;

/** AWS documents no limit for hook details, so this one is small. */
const maxKeptBytes = 4_096;

/** Progress of a stage between two invocations. */
export interface EcsHookProgress {
  /** Beginning of the stage, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The current step; the steps before it are done. */
  readonly step: string;
  /** Beginning of the current step, in milliseconds since 1970. */
  readonly since: number;
  /** Value that the user's functions keep. */
  readonly kept?: unknown;
  /** State and approvals of the current step's shift. */
  readonly run?: unknown;
  /** Failed calls of the shift in a row. */
  readonly attempts?: number;
  /** Set when the shift has to be rolled back. */
  readonly rollBackReason?: string;
}

/** Fields that every version has. */
const ownerSchema = v.object({ executionId: nonEmptyString, stage: nonEmptyString });

const progressSchema = v.object({
  version: v.literal(version),
  startedAt: v.number(),
  step: nonEmptyString,
  since: v.number(),
  kept: v.optional(v.unknown()),
  run: v.optional(v.unknown()),
  attempts: v.exactOptional(wholeNumber),
  rollBackReason: v.exactOptional(v.string()),
});

/**
 * Reads the progress that the last invocation of this execution saved. Returns undefined in the first invocation, and for an
 * entry of another execution: ECS returns the details "between invocations of the same hook within a single deployment", and a
 * hook can run at several stages, and once for each step of a canary.
 *
 * @throws InvalidInputError for an entry of this execution in another version, and for one that names no execution.
 */
export function readProgress({
  hookDetails,
  executionId,
  stage,
}: EcsHookExecution): EcsHookProgress | undefined {
  const text = hookDetails[entry];
  if (text === undefined || text === null) return undefined;
  const subject = `hookDetails["${entry}"]`;
  const kept = parsed(text);
  const owner = parseInput(subject, ownerSchema, kept);
  if (owner.executionId !== executionId || owner.stage !== stage) return undefined;
  const { version: _version, ...progress } = parseInput(subject, progressSchema, kept);
  return progress;
}

/**
 * Returns the details for the response. They repeat the entries of the event, so that merging and replacing have the same
 * result in ECS. The toolkit's entry is one string, so that no merge mixes it with an older one.
 */
export function writeProgress(
  { hookDetails, executionId, stage }: EcsHookExecution,
  progress: EcsHookProgress,
): Record<string, unknown> {
  return { ...hookDetails, [entry]: JSON.stringify({ version, executionId, stage, ...progress }) };
}

/** Returns the hook details without the toolkit's entry. */
export function configuredDetails({ hookDetails }: EcsHookExecution): Readonly<Record<string, unknown>> {
  const { [entry]: _own, ...configured } = hookDetails;
  return configured;
}

/** Progress of a stage in one invocation. The next invocation resumes from the value that was saved last. */
export class ProgressStore {
  #progress: EcsHookProgress;

  /** @throws InvalidInputError when the stage has no such step. */
  constructor(progress: EcsHookProgress, steps: readonly EcsHookStep[]) {
    this.#progress = progress;
    if (steps.some(({ name }) => name === progress.step)) return;
    throw invalidInput(`hookDetails["${entry}"]`, {
      field: 'step',
      expected: 'a step of this stage',
      actual: JSON.stringify(progress.step),
    });
  }

  get progress(): EcsHookProgress {
    return this.#progress;
  }

  save(progress: EcsHookProgress): void {
    this.#progress = progress;
  }

  /** @throws InvalidInputError when the value is not JSON, or too large. */
  keep(kept: unknown): void {
    requireKeepable(kept);
    this.#progress = { ...this.#progress, kept };
  }
}

function requireKeepable(value: unknown): void {
  const text = jsonOf(value);
  if (text !== undefined && Buffer.byteLength(text) <= maxKeptBytes) return;
  throw invalidInput('Value to keep', {
    field: '',
    expected: `JSON of at most ${maxKeptBytes} bytes`,
    actual: text === undefined ? typeof value : `${Buffer.byteLength(text)} bytes`,
  });
}

function jsonOf(value: unknown): string | undefined {
  try {
    // Returns undefined for undefined and functions, contrary to its type.
    return JSON.stringify(value) as string | undefined;
  } catch {
    return undefined;
  }
}

function parsed(text: unknown): unknown {
  const json = typeof text === 'string' ? fromJson(text) : undefined;
  return json === undefined ? text : json;
}
