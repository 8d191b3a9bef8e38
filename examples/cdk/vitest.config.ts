import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The tests bundle five functions.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The SDK warns once per process that its later releases need a newer Node.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
