import type { LogData, Logger } from '../../src/core/index.js';
import type { SimulatedCloud } from '../../src/testing/index.js';

/** A logged line. */
export interface RecordedLine {
  readonly level: keyof Logger;
  readonly message: string;
  readonly data: LogData;
}

/** A logger that records its lines. */
export interface Recorder extends Logger {
  /** Returns the lines since the last call. */
  take(): RecordedLine[];
}

export function createRecorder(): Recorder {
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

/** Returns the recorder of everything that runs on this cloud. */
export function recorderOf(cloud: SimulatedCloud): Recorder {
  const recorder = recorders.get(cloud) ?? createRecorder();
  recorders.set(cloud, recorder);
  return recorder;
}

/** Returns the reasons why a logger cannot write a line as JSON; empty for a valid line. */
export function problemsOf({ message, data }: RecordedLine): string[] {
  const name = (key: string) => `${message}: ${key}`;
  const found: string[] = [];
  for (const [key, value] of Object.entries(data)) inspect(value, name(key), found);
  if (typeof data['resource'] !== 'string' || data['resource'] === '') found.push(name('no resource'));
  // Reserved by loggers such as Powertools'.
  for (const key of ['level', 'message', 'timestamp', 'service']) if (key in data) found.push(name(key));
  const { durationMs = 0 } = data;
  if (!Number.isInteger(durationMs) || Number(durationMs) < 0) found.push(name(`durationMs ${durationMs}`));
  return found;
}

function inspect(value: unknown, path: string, found: string[]): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) found.push(`${path} is ${value}`);
  } else if (typeof value === 'object') {
    const prototype = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype)
      found.push(`${path} is a ${prototype?.constructor?.name}`);
    else for (const [key, member] of Object.entries(value)) inspect(member, `${path}.${key}`, found);
  } else {
    found.push(`${path} is ${typeof value}`);
  }
}
