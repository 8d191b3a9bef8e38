import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Creates a folder for the tests of a file, in which each test writes the two definitions. */
export function definitionFiles() {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'definitions-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const write = async (file: string, content: unknown) => {
    const path = join(folder, file);
    if (content === undefined) return rm(path, { force: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    return writeFile(path, isRaw ? content : JSON.stringify(content));
  };

  return {
    /** Writes the files: strings and bytes as they are, everything else as JSON. Skips `undefined`. */
    async put({ service, taskDefinition }: { service: unknown; taskDefinition: unknown }): Promise<string> {
      await Promise.all([write('service.json', service), write('task-definition.json', taskDefinition)]);
      return folder;
    },
  };
}
