import type { LogData, Logger } from '../../src/core/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';

/** A line as the logger was given it. */
export interface RecordedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly data: LogData;
}

/** A logger that keeps its lines, which can be taken out of it. */
export interface Recorder extends Logger {
  /** The lines since it was asked the last time. */
  take(): RecordedLine[];
}

export function makeRecorder(): Recorder {
  let lines: RecordedLine[] = [];
  const keep = (level: keyof Logger) => (message: string, data: LogData) => {
    lines.push({ level, message, data });
  };
  return {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    take() {
      const taken = lines;
      lines = [];
      return taken;
    },
  };
}

const recorders = new WeakMap<SimulatedCloud, Recorder>();

/** Where whatever works on this cloud logs to. */
export function recorderOf(cloud: SimulatedCloud): Recorder {
  const recorder = recorders.get(cloud) ?? makeRecorder();
  recorders.set(cloud, recorder);
  return recorder;
}

/** What keeps a line from being one that every logger can write, as it is, in JSON; nothing when it is fine. */
export function problemsOf({ message, data }: RecordedLine): string[] {
  const name = (key: string) => `${message}: ${key}`;
  const found: string[] = [];
  for (const [key, value] of Object.entries(data)) look(value, name(key), found);
  if (typeof data['resource'] !== 'string' || data['resource'] === '') found.push(name('no resource'));
  // A logger such as Powertools' has these for itself.
  for (const key of ['level', 'message', 'timestamp', 'service']) if (key in data) found.push(name(key));
  const { durationMs = 0 } = data;
  if (!Number.isInteger(durationMs) || Number(durationMs) < 0) found.push(name(`durationMs ${durationMs}`));
  return found;
}

function look(value: unknown, path: string, found: string[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) found.push(`${path} is ${value}`);
  } else if (typeof value === 'object') {
    const prototype = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype)
      found.push(`${path} is a ${prototype?.constructor?.name}`);
    else for (const [key, member] of Object.entries(value)) look(member, `${path}.${key}`, found);
  } else {
    found.push(`${path} is ${typeof value}`);
  }
}
