/** More than any error document of S3. */
const maxBytes = 16_384;

/**
 * Reads the code of an error response of S3. The rest of the document is left out: after a wrong signature it shows how to
 * sign. A body is read up to a limit, and that of a success not at all. Returns undefined when there is no code.
 */
export async function readErrorCode(response: Response): Promise<string | undefined> {
  const reader = readerOf(response);
  if (reader === undefined) return undefined;
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; !response.ok && bytes < maxBytes; ) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      text += decoder.decode(value.subarray(0, maxBytes), { stream: true });
    }
  } catch {
    // What was read so far is all that there is.
  }
  reader.cancel().catch(() => {});
  return /<Code>(\w{1,60})<\/Code>/.exec(text)?.[1];
}

function readerOf({ body }: Response): ReadableStreamDefaultReader<Uint8Array> | undefined {
  try {
    return body?.getReader();
  } catch {
    return undefined;
  }
}
