import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: ['test/package/install-tarball.ts'],
    // A type-check or a check of the tarball takes several seconds, and more on a busy machine.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
