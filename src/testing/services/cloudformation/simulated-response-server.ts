import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SimulatedEnvironment } from '../../cloud/environment.js';

/** Fault of the bucket that receives the responses. */
export type SimulatedResponseFault =
  /** The bucket responds 503 and stores nothing. */
  | 'slowDown'
  /** The bucket stores the response, but the connection breaks before the confirmation. */
  | 'lostConfirmation'
  /** The connection breaks before the response arrives. */
  | 'reset'
  /** The bucket never responds. */
  | 'hang'
  /** The address has expired. */
  | 'expired';

/** A response that arrived. */
export interface SimulatedPut {
  /** The path of the address. */
  readonly key: string;
  /** The body as it was received. */
  readonly body: string;
  /** The virtual time in milliseconds since 1970. */
  readonly at: number;
}

const suffixes = { aws: 'amazonaws.com', 'aws-cn': 'amazonaws.com.cn', 'aws-us-gov': 'amazonaws.com' };

/**
 * The bucket that receives the responses of custom resources. Its addresses are those of S3; `fetch` sends the requests to
 * a server on this machine. The signature covers an empty content type, so a response with a content type is refused.
 */
export class SimulatedResponseServer {
  readonly #environment: SimulatedEnvironment;
  readonly #onPut: (put: SimulatedPut) => void;
  readonly #faults: SimulatedResponseFault[] = [];
  readonly #hung = new EventTarget();
  readonly #origin: string;
  #server: Server | undefined;
  #port = 0;

  constructor(environment: SimulatedEnvironment, onPut: (put: SimulatedPut) => void) {
    this.#environment = environment;
    this.#onPut = onPut;
    const { region, partition } = environment;
    const bucket = `cloudformation-custom-resource-response-${region.replaceAll('-', '')}`;
    this.#origin = `https://${bucket}.s3.${region}.${suffixes[partition]}`;
  }

  /** Makes the next response fail. Several faults apply one after the other. */
  injectFault(fault: SimulatedResponseFault): void {
    this.#faults.push(fault);
  }

  /** Returns a signed address for one response. */
  async addressOf(key: string): Promise<string> {
    await this.#open();
    const now = new Date(this.#environment.clock.now());
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Date': now.toISOString().replaceAll(/[-:]|\.\d+/g, ''),
      'X-Amz-Expires': '7200',
      'X-Amz-Credential': 'SIMULATED',
      'X-Amz-Signature': signatureOf(key),
    });
    return `${this.#origin}/${encodeURIComponent(key)}?${query}`;
  }

  /**
   * `fetch` that reaches the bucket and nothing else. Virtual time passes only while the bucket never responds (`hang`).
   */
  readonly fetch: typeof fetch = async (input, init = {}) => {
    const { clock } = this.#environment;
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== this.#origin || this.#server === undefined) {
      const cause = Object.assign(new Error(`getaddrinfo ENOTFOUND ${url.hostname}`), { code: 'ENOTFOUND' });
      throw new TypeError('fetch failed', { cause });
    }
    const hangs = new Promise<void>((resolve) => {
      this.#hung.addEventListener(url.pathname, () => resolve(), { once: true });
    });
    return clock.busy(async () => {
      const sent = this.#send(url, init);
      return Promise.race([sent, hangs.then(() => clock.idle(() => sent))]);
    });
  };

  /** Closes the server. An open server does not keep the process alive. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.closeAllConnections();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  async #open(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer((incoming, response) => void this.#take(incoming, response));
    this.#server = server;
    const { clock } = this.#environment;
    await clock.busy(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
    this.#port = (server.address() as AddressInfo).port;
    server.unref();
  }

  /** Sends a request without the global `fetch`, because a test may have replaced its timers. */
  async #send(url: URL, init: RequestInit): Promise<Response> {
    const { method, headers, signal } = new Request(url, init);
    const { body } = init;
    const bytes = Buffer.from(await new Response(body ?? '').arrayBuffer());
    const length = body instanceof ReadableStream ? {} : { 'content-length': bytes.length };
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          port: this.#port,
          host: '127.0.0.1',
          path: `${url.pathname}${url.search}`,
          method,
          headers: { ...Object.fromEntries(headers), ...length },
          agent: false,
          signal,
        },
        (response) => {
          const toResponse = (content: string) =>
            new Response(content, { status: response.statusCode ?? 500 });
          text(response).then(toResponse).then(resolve, reject);
        },
      );
      sent.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
      sent.end(bytes);
    });
  }

  async #take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#faults.shift();
    const { pathname } = new URL(incoming.url ?? '', this.#origin);
    if (fault === 'reset') {
      incoming.socket.destroy();
      return;
    }
    const body = await text(incoming);
    if (fault === 'hang') {
      this.#hung.dispatchEvent(new Event(pathname));
      return;
    }
    if (fault === 'slowDown') return refuse(response, 503, 'SlowDown');
    if (fault === 'expired') return refuse(response, 403, 'AccessDenied');
    const key = decodeURIComponent(pathname.slice(1));
    if (!isSigned(incoming, key)) return refuse(response, 403, 'SignatureDoesNotMatch');
    if (incoming.headers['content-length'] === undefined)
      return refuse(response, 411, 'MissingContentLength');
    this.#onPut({ key, body, at: this.#environment.clock.now() });
    if (fault === 'lostConfirmation') incoming.socket.destroy();
    else response.writeHead(200).end();
  }
}

/** Returns true for a valid signature. It covers the method, the empty content type, and the key. */
function isSigned({ method, url, headers }: IncomingMessage, key: string): boolean {
  const { searchParams } = new URL(url ?? '', 'http://localhost');
  const isAsSigned = method === 'PUT' && (headers['content-type'] ?? '') === '';
  return isAsSigned && searchParams.get('X-Amz-Signature') === signatureOf(key);
}

function signatureOf(key: string): string {
  return Buffer.from(`signed ${key}`).toString('hex');
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}
