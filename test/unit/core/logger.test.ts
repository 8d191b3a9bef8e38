import { afterEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/core/logger.js';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('silentLogger', () => {
  test.each(['debug', 'info', 'warn', 'error'] as const)('says nothing: %s', (level) => {
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(console, level)];

    silentLogger[level]('Purged queue', { resource: 'orders' });

    for (const write of written) expect(write).not.toHaveBeenCalled();
  });
});
