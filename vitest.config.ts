import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests that start processes and a browser share two cores with everything else.
    maxWorkers: 2,
    env: { TZ: 'UTC' },
  },
})
