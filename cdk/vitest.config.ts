import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Loading aws-cdk-lib alone takes seconds on a busy machine.
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
