import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeError } from '../../../src/core/describe-error.js';
import { type Logger, silentLogger } from '../../../src/core/logger.js';
import { SqsTools } from '../../../src/sqs/sqs-tools.js';
import { SimulatedCloud } from '../../../src/testing/cloud/simulated-cloud.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('silentLogger', () => {
  test.each(['debug', 'info', 'warn', 'error'] as const)('writes nothing at the level %s', (level) => {
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(console, level)];

    silentLogger[level]('Purged queue', { resource: 'orders' });

    for (const write of written) expect(write).not.toHaveBeenCalled();
  });
});

describe('Logger › implementations', () => {
  let written: string[];
  let output: Console;

  beforeEach(() => {
    written = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        written.push(...String(chunk).split('\n').filter(Boolean));
        done();
      },
    });
    output = new Console({ stdout: sink, stderr: sink });
  });

  /** Purges a queue, which writes one line. */
  async function purge(logger: Logger): Promise<string> {
    const cloud = new SimulatedCloud({ latencyMilliseconds: 20 });
    for (const name of ['blue', 'green']) cloud.sqs.addQueue({ name });
    const { clients, clock } = cloud;
    const tools = new SqsTools({
      blue: { queue: 'blue' },
      green: { queue: 'green' },
      clients,
      clock,
      logger,
    });
    await tools.purgeQueues('blue');
    await tools.purgeQueues('blue');
    return cloud.sqs.queue('blue').url;
  }

  /** Powertools writes to its own console, which tests cannot spy on. */
  function makePowertools(): PowertoolsLogger {
    const logger = new PowertoolsLogger({ serviceName: 'deployments', logLevel: 'INFO' });
    Object.assign(logger, { console: output });
    return logger;
  }

  test("writes the fields of a change beside Powertools' own", async () => {
    const url = await purge(makePowertools());

    expect(written.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'Purged queue',
        service: 'deployments',
        resource: url,
        durationMs: 40,
      }),
    ]);
  });

  test('writes a failure to Powertools with its causes and without other properties of SDK errors', () => {
    const cause = Object.assign(new Error('no answer'), {
      $response: { headers: { authorization: 'secret' } },
    });
    const error = new TypeError('the tests failed', { cause });

    makePowertools().error('The hook failed', { resource: 'd-1', ...describeError(error) });

    expect(JSON.parse(written.join(''))).toMatchObject({
      level: 'ERROR',
      message: 'The hook failed',
      resource: 'd-1',
      error: 'TypeError: the tests failed',
      causes: ['Error: no answer'],
    });
    expect(written.join('')).not.toContain('secret');
  });

  test('writes every field to the console', async () => {
    const url = await purge(output);

    const line = written.join(' ');
    expect(line).toContain('Purged queue');
    expect(line).toContain(`resource: '${url}'`);
    expect(line).toContain('durationMs: 40');
    expect(line.match(/Purged queue/g)).toHaveLength(1);
  });
});
