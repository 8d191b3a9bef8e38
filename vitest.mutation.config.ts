import { defineConfig } from 'vitest/config';

/** Tests that a mutant has to survive: those that state the outcome, with few cases of each property. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: [
      'test/unit/{durable,resumable,step-functions,traffic}/**/*.test.ts',
      'test/contract/**/*.test.ts',
      'test/simulation/own-resumable.test.ts',
      'test/simulation/traffic-*.test.ts',
    ],
    exclude: ['test/simulation/traffic-crash-matrix.test.ts'],
    isolate: false,
    restoreMocks: true,
    // A mutant that hangs is killed by it.
    testTimeout: 20_000,
    setupFiles: ['test/support/properties.ts'],
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PROPERTY_RUNS: '0.02',
    },
  },
});
