import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpHandlerOptions } from '@smithy/types';

type Request = Parameters<NodeHttpHandler['handle']>[0];

/** Prefix of every path of App Mesh's API. */
const appMeshPath = '/v20190125/';

/**
 * Converts the dates in moto's App Mesh responses, such as `31/12/2026, 23:59:59`, to seconds since 1970, as AWS returns
 * them. The SDK would refuse the responses after the change took effect.
 */
export class ReadableDatesHandler extends NodeHttpHandler {
  override async handle(request: Request, options?: HttpHandlerOptions) {
    const output = await super.handle(request, options);
    if (!request.path.startsWith(appMeshPath)) return output;
    const body = withReadableDates(await text(output.response.body));
    output.response.body = Readable.from([Buffer.from(body)]);
    return output;
  }
}

function withReadableDates(json: string): string {
  return json.replaceAll(
    /"(\d\d)\/(\d\d)\/(\d{4}), (\d\d:\d\d:\d\d)"/g,
    (_, day, month, year, time) => `${Date.parse(`${year}-${month}-${day}T${time}Z`) / 1000}`,
  );
}
