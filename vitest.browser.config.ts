import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its own name, as their readers will; tsconfig.json says where that is.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['test/browser/**/*.test.ts'],
    globalSetup: ['test/browser/install-browser.ts'],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    // A browser starts in seconds, and more slowly on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
