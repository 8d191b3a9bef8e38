import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its own name, as their readers will; tsconfig.json says where that is.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/both/**/*.test.ts'],
    setupFiles: ['test/emulator/record-succeeded-methods.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // One moto serves every file, and each test begins by emptying it.
    fileParallelism: false,
    testTimeout: 60_000,
  },
});
