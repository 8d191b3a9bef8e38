import * as v from 'valibot';
import { InvalidInputError } from '../core/errors.js';
import { nonEmptyString, wholeNumber } from '../core/schemas.js';
import { parseInput } from '../core/validate.js';
import type { EcsHookExecution } from './ecs-event.js';
import type { EcsHookStep } from './ecs-steps.js';

/** Our entry in the hook details; the others are the hook's configuration. */
const entry = 'aws-blue-green-toolkit';

const version = 1;

/** AWS names no limit, so what is kept has to stay small: about what an answer of a few pages has. */
const maxKeptBytes = 4_096;

/** Where a stage stands between two invocations. */
export interface EcsHookProgress {
  /** When the stage began: milliseconds since 1970. */
  readonly startedAt: number;
  /** The present step; those before it are done. */
  readonly step: string;
  /** When the present step began: milliseconds since 1970. */
  readonly since: number;
  /** What the user's functions have kept. */
  readonly kept?: unknown;
  /** Where the traffic shift of the present step stands. */
  readonly run?: unknown;
  /** How often in a row the shift's last call has thrown. */
  readonly attempts?: number;
  /** Why the shift has to turn round. */
  readonly rollBackReason?: string;
}

/** Whose it is can be told whatever the version. */
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
 * What the last invocation of this execution has left; nothing in its first one. ECS says that the details come back "between
 * invocations of the same hook within a single deployment", and a hook can be run at several stages, and once for each
 * step of a canary: what another execution has left is left aside.
 *
 * @throws InvalidInputError for an entry of this execution that is none of this version's, and for one that is nobody's.
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
 * The details to answer with. What is there already is sent along, so that it makes no difference whether ECS merges them
 * or replaces them; our entry is one string, which no merge can mix with an older one.
 */
export function writeProgress(
  { hookDetails, executionId, stage }: EcsHookExecution,
  progress: EcsHookProgress,
): Record<string, unknown> {
  return { ...hookDetails, [entry]: JSON.stringify({ version, executionId, stage, ...progress }) };
}

/** What the hook is configured with. */
export function configuredDetails({ hookDetails }: EcsHookExecution): Readonly<Record<string, unknown>> {
  const { [entry]: _own, ...configured } = hookDetails;
  return configured;
}

/** What an invocation knows of its stage; what is saved last is what the next invocation goes on with. */
export class StageMemory {
  #progress: EcsHookProgress;

  /** @throws InvalidInputError when the present step is none of these. */
  constructor(progress: EcsHookProgress, steps: readonly EcsHookStep[]) {
    this.#progress = progress;
    if (steps.some(({ name }) => name === progress.step)) return;
    throw new InvalidInputError({
      subject: `hookDetails["${entry}"]`,
      problems: [{ field: 'step', expected: 'a step of this stage', actual: JSON.stringify(progress.step) }],
    });
  }

  get progress(): EcsHookProgress {
    return this.#progress;
  }

  save(progress: EcsHookProgress): void {
    this.#progress = progress;
  }

  /** @throws InvalidInputError when the value cannot be kept. */
  keep(kept: unknown): void {
    requireKeepable(kept);
    this.#progress = { ...this.#progress, kept };
  }
}

function requireKeepable(value: unknown): void {
  const text = jsonOf(value);
  if (text !== undefined && Buffer.byteLength(text) <= maxKeptBytes) return;
  throw new InvalidInputError({
    subject: 'Value to keep',
    problems: [
      {
        field: '',
        expected: `JSON of at most ${maxKeptBytes} bytes`,
        actual: text === undefined ? typeof value : `${Buffer.byteLength(text)} bytes`,
      },
    ],
  });
}

function jsonOf(value: unknown): string | undefined {
  try {
    // Typed as a string, but there is none for undefined and functions.
    return JSON.stringify(value) as string | undefined;
  } catch {
    return undefined;
  }
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
