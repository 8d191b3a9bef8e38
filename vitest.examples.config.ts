import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/examples/**/*.test.ts'],
    // What the examples are checked with is installed first.
    testTimeout: 300_000,
  },
});
