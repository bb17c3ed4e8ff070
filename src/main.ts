import { setTimeout as sleep } from 'node:timers/promises';
import { type App, buildApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

const HARD_LIMIT_MS = 20_000;

try {
  const config = readConfig(process.env);
  const app = await buildApp(config);
  stopOnSignals(app, config.drainSeconds);
  await app.listen();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

/** First not ready, but serving on until routers know; then what is in flight; then the end. A second signal cuts it short. */
function stopOnSignals(app: App, drainSeconds: number): void {
  const stop = async (): Promise<void> => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
    setTimeout(() => process.exit(1), HARD_LIMIT_MS).unref();
    app.drain();
    await sleep(drainSeconds * 1000);
    await app.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}
