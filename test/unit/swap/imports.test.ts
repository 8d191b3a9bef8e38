import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesIn } from '../../support/files-in.js';
import { root } from '../../support/guide-programs.js';

const folder = join(root, 'src/swap');

/** Packages of the SDK that a file imports when it is loaded: neither types nor `import()`. */
function sdkPackagesOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const imports = text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(@(?:aws-sdk|smithy)\/[^']+)'/gm);
  return [...imports].map(([, name = '']) => name);
}

describe('src/swap', () => {
  test('loads an AWS client in one file, which has a subpath of its own', () => {
    const files = filesIn(folder).filter((file) => file.endsWith('.ts'));
    const loading = files.flatMap((file) =>
      sdkPackagesOf(file).map((name) => `${relative(folder, file)}: ${name}`),
    );

    expect(files.length).toBeGreaterThan(10);
    expect(loading).toEqual(['dynamo/dynamo-swap-record.ts: @aws-sdk/client-dynamodb']);
  });
});
