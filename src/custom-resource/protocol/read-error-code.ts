/** More than any error document of S3. */
const maxBytes = 16_384;

/**
 * Reads the code of an error response of S3. Ignores the rest of the document, which shows the string to sign after a wrong
 * signature. Reads a body up to a limit, and not at all after a success. Returns undefined when there is no code.
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
    // Uses the part that was read.
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
