import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/examples/**/*.test.ts'],
    // What the examples are checked with is installed first.
    hookTimeout: 300_000,
    testTimeout: 300_000,
  },
});
