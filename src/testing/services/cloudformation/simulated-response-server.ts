import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { VirtualClock } from '../../cloud/virtual-clock.js';

/** What the place does with an answer that is put to it. */
export type SimulatedAnswerFault =
  /** It answers 503, and takes nothing. */
  | 'slowDown'
  /** It takes the answer, but the connection breaks before it says so. */
  | 'lostConfirmation'
  /** The connection breaks before the answer arrives. */
  | 'reset'
  /** It never answers. */
  | 'hang'
  /** The address has expired. */
  | 'expired';

/** An answer that arrived. */
export interface SimulatedPut {
  /** The path of the address. */
  readonly key: string;
  /** The body, as it came. */
  readonly body: string;
  /** The virtual time in milliseconds since 1970. */
  readonly at: number;
}

/**
 * The bucket that custom resources put their answers to: a server on this machine. It goes by what S3 signs, so an answer
 * with a content type of its own is refused.
 */
export class SimulatedResponseServer {
  readonly #clock: VirtualClock;
  readonly #onPut: (put: SimulatedPut) => void;
  readonly #faults: SimulatedAnswerFault[] = [];
  readonly #hung = new EventTarget();
  #server: Server | undefined;
  #origin = '';

  constructor(clock: VirtualClock, onPut: (put: SimulatedPut) => void) {
    this.#clock = clock;
    this.#onPut = onPut;
  }

  /** Befalls the next answer that is put; several come one after the other. */
  injectFault(fault: SimulatedAnswerFault): void {
    this.#faults.push(fault);
  }

  /** A signed address for one answer. */
  async addressOf(key: string): Promise<string> {
    await this.#open();
    const query = new URLSearchParams({
      AWSAccessKeyId: 'SIMULATED',
      'X-Amz-Date': new Date(this.#clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      Expires: '4102444800',
      Signature: signatureOf(key),
    });
    return `${this.#origin}/${encodeURIComponent(key)}?${query}`;
  }

  /** `fetch`, while which no virtual time passes, unless it waits for an answer that never comes. */
  readonly fetch: typeof fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    const hangs = new Promise<void>((resolve) => {
      this.#hung.addEventListener(pathOf(url), () => resolve(), { once: true });
    });
    return this.#clock.busy(async () => {
      const sent = readWhole(fetch(input, init));
      return Promise.race([sent, hangs.then(() => this.#clock.idle(() => sent))]);
    });
  };

  /** Closes the server; one that is left open keeps no process alive. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  async #open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((request, response) => void this.#take(request, response));
    this.#server = server;
    await this.#clock.busy(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    server.unref();
    this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#faults.shift();
    const path = pathOf(`${this.#origin}${request.url}`);
    if (fault === 'reset') {
      request.socket.destroy();
      return;
    }
    const body = await text(request);
    if (fault === 'hang') {
      this.#hung.dispatchEvent(new Event(path));
      return;
    }
    if (fault === 'slowDown') return refuse(response, 503, 'SlowDown');
    if (fault === 'expired') return refuse(response, 403, 'AccessDenied');
    const key = decodeURIComponent(path.slice(1));
    if (!isSigned(request, key)) return refuse(response, 403, 'SignatureDoesNotMatch');
    if (request.headers['content-length'] === undefined) return refuse(response, 411, 'MissingContentLength');
    this.#onPut({ key, body, at: this.#clock.now() });
    if (fault === 'lostConfirmation') request.socket.destroy();
    else response.writeHead(200).end();
  }
}

/** An answer of which nothing is still under way. */
async function readWhole(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  return new Response(await response.text(), { status: response.status, headers: response.headers });
}

/** The signature covers the method, the content type, which has to be empty, and the key. */
function isSigned(request: IncomingMessage, key: string): boolean {
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  const isAsSigned = request.method === 'PUT' && (request.headers['content-type'] ?? '') === '';
  return isAsSigned && searchParams.get('Signature') === signatureOf(key);
}

function signatureOf(key: string): string {
  return Buffer.from(`signed ${key}`).toString('base64');
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}
