import type { AdvanceOptions, Progress, Resumable } from 'aws-blue-green-toolkit/resumable';

/** A DNS zone. Implement it with the API of your provider. */
export interface Zone {
  read(name: string): Promise<string>;
  write(name: string, address: string): Promise<void>;
}

export interface CutOverRequest {
  readonly name: string;
  readonly to: string;
}

export interface CutOverState extends CutOverRequest {
  readonly version: 1;
  readonly phase: 'forward' | 'back';
  readonly from: string;
  /** Time at which all resolvers have the last change: milliseconds since 1970. Absent before a change. */
  readonly inEffectAt?: number;
}

export type CutOverEvent = { readonly type: 'changed' | 'done' | 'rolledBack'; readonly address: string };

/** Points a DNS record to another address after an approval, and waits until the old TTL is over. */
export class DnsCutOver implements Resumable<CutOverRequest, CutOverState, CutOverEvent> {
  readonly description = 'DNS cut-over';

  readonly #zone: Zone;
  readonly #clock: { now(): number };
  readonly #ttlSeconds: number;

  constructor(zone: Zone, clock: { now(): number }, ttlSeconds = 3600) {
    this.#zone = zone;
    this.#clock = clock;
    this.#ttlSeconds = ttlSeconds;
  }

  parseRequest(value: unknown): CutOverRequest {
    const { name, to } = value as CutOverRequest;
    if (typeof name !== 'string' || typeof to !== 'string')
      throw new TypeError('name and to must be strings');
    return { name, to };
  }

  parseState(value: unknown): CutOverState {
    const state = value as CutOverState;
    if (state.version !== 1) throw new TypeError(`Unknown version of the state: ${state.version}`);
    return state;
  }

  async begin(request: CutOverRequest): Promise<CutOverState> {
    return { ...request, version: 1, phase: 'forward', from: await this.#zone.read(request.name) };
  }

  async advance(
    state: CutOverState,
    options: AdvanceOptions = {},
  ): Promise<Progress<CutOverState, CutOverEvent>> {
    const { name, from, to, phase, inEffectAt } = this.parseState(state);
    const address = phase === 'forward' ? to : from;
    if (inEffectAt === undefined) {
      const heldAt = { key: 'change', detail: `point ${name} to ${to}` };
      if (phase === 'forward' && !options.approved?.includes('change'))
        return { state, waitSeconds: 60, events: [], heldAt };
      // Writing the same address twice has no further effect, so a lost response does no harm.
      await this.#zone.write(name, address);
      const next = { ...state, inEffectAt: this.#clock.now() + this.#ttlSeconds * 1000 };
      return { state: next, waitSeconds: this.#ttlSeconds, events: [{ type: 'changed', address }] };
    }
    const waitSeconds = Math.max(0, (inEffectAt - this.#clock.now()) / 1000);
    if (waitSeconds > 0) return { state, waitSeconds, events: [] };
    return phase === 'forward'
      ? { state, waitSeconds, events: [{ type: 'done', address }], outcome: 'succeeded' }
      : { state, waitSeconds, events: [{ type: 'rolledBack', address }], outcome: 'rolledBack' };
  }

  async rollBack(state: CutOverState): Promise<Progress<CutOverState, CutOverEvent>> {
    const { inEffectAt: _forward, ...rest } = this.parseState(state);
    return this.advance(state.phase === 'back' ? state : { ...rest, phase: 'back' });
  }
}
