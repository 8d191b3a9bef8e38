import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderReport } from '../../../src/report/index.js';
import { root } from '../../support/guide-programs.js';
import { rolledBackShift, rolledBackState } from '../../support/reports.js';

/** Parameters of a simulated call of `PutObject`. */
interface Put {
  readonly Bucket: string;
  readonly Key: string;
  readonly Body: string;
  readonly ContentType: string;
}

test('the handler of the guide puts the report into S3', async () => {
  const [, code = ''] =
    /```js\n(.*?)```/s.exec(readFileSync(join(root, 'docs/guides/report.md'), 'utf8')) ?? [];
  const body = code.replace(/^import .*$/gm, '').replace('export const handler =', 'return');
  const puts: Put[] = [];
  class S3Client {
    async send({ input }: { readonly input: Put }): Promise<void> {
      puts.push(input);
    }
  }
  class PutObjectCommand {
    readonly input: Put;
    constructor(input: Put) {
      this.input = input;
    }
  }
  const parameters = ['S3Client', 'PutObjectCommand', 'renderReport', 'process'];
  const handler = new Function(...parameters, body)(S3Client, PutObjectCommand, renderReport, {
    env: { BUCKET: 'reports' },
  });
  const [state, history] = [rolledBackState(), rolledBackShift()];

  await handler({ state, history, name: 'release-42' });

  expect(puts).toEqual([
    {
      Bucket: 'reports',
      Key: 'release-42.html',
      Body: renderReport({ title: 'release-42', shift: { state, history } }),
      ContentType: 'text/html; charset=utf-8',
    },
  ]);
});
