import { defineConfig } from 'vitest/config';

/** The tests that mutants of `src/resumable` and `src/traffic` have to survive: those that say what it shall do, and few of each property. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: [
      'test/unit/resumable/**/*.test.ts',
      'test/unit/traffic/**/*.test.ts',
      'test/contract/**/*.test.ts',
      'test/simulation/traffic-*.test.ts',
    ],
    exclude: ['test/simulation/traffic-crash-matrix.test.ts'],
    restoreMocks: true,
    setupFiles: ['test/support/properties.ts'],
    env: {
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      PROPERTY_RUNS: '0.02',
    },
  },
});
