import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    experimental: { viteModuleRunner: false },
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: 'forks',
    // The files of a worker share its modules: loading the service takes longer than most files. Each file has a service
    // and a database of its own.
    isolate: false,
    maxWorkers: 3,
    reporters: ['default'],
  },
});
