import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * A `fetch` for the answers of custom resources that needs no timers: Node.js's own breaks where a test has set the global
 * ones by the virtual clock.
 */
export const httpFetch: typeof fetch = (input, { method = 'GET', headers = {}, body, signal } = {}) =>
  new Promise((resolve, reject) => {
    const bytes = body instanceof Uint8Array ? body : undefined;
    const sent = request(
      String(input),
      {
        method,
        headers: { ...Object.fromEntries(new Headers(headers)), 'content-length': bytes?.length ?? 0 },
        agent: false,
        ...(signal && { signal }),
      },
      (response) => {
        text(response).then(
          (content) => resolve(new Response(content, { status: response.statusCode ?? 500 })),
          reject,
        );
      },
    );
    sent.on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
    sent.end(bytes);
  });
