import { defineConfig } from 'vitest/config';

/** Properties with as many cases as possible, and matrices with all of theirs. The ordinary suite has a share of each. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/exhaustive/**/*.test.ts'],
    isolate: false,
    // The default leaves one core to the main thread, which has little to do.
    maxWorkers: '100%',
    restoreMocks: true,
    setupFiles: ['test/support/properties.ts'],
    testTimeout: 3_600_000,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
