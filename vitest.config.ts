import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    experimental: { viteModuleRunner: false },
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/machine-pauses.ts',
    retry: { count: 2, condition: /^The machine paused/m },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // The files of a worker share its modules: loading the service takes longer than most files. Each file has a service
    // and a database of its own.
    isolate: false,
    // Tests wait for timers, locks and processes: two workers leave a fifth of two processors idle.
    maxWorkers: 3,
    reporters: ['default'],
  },
});
