import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Loading aws-cdk-lib takes seconds: a worker loads it once, not once for each file.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
