import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its own name, as their readers will; tsconfig.json says where that is.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/{unit,contract,simulation,both}/**/*.test.ts'],
    // No file changes what another one imports, and loading the SDK anew for each would take most of the time.
    isolate: false,
    // The default leaves one core to the main thread, which has little to do.
    maxWorkers: '100%',
    restoreMocks: true,
    setupFiles: ['test/support/properties.ts'],
    // No test sleeps, so only a slow machine comes near this.
    testTimeout: 60_000,
    // The SDK warns once per process that its later releases need a newer Node.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    typecheck: {
      enabled: true,
      include: ['test/types/**/*.test-d.ts'],
      // `npm run types` tells the errors of everything else.
      ignoreSourceErrors: true,
    },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // Files without code.
      exclude: ['src/**/index.ts', 'src/**/*types.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
