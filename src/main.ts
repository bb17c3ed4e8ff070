import { setTimeout as sleep } from 'node:timers/promises';
import { type App, buildApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

const HARD_LIMIT_MS = 20_000;

try {
  const config = readConfig(process.env);
  const app = await buildApp(config);
  endWell(app, config.drainSeconds);
  await app.listen();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

/**
 * First not ready, but serving on until routers know; then what is in flight; then the end. A second signal cuts it
 * short. So ends the process on a signal, and on an error that nothing caught: nobody knows what that has broken.
 */
function endWell(app: App, drainSeconds: number): void {
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), HARD_LIMIT_MS).unref();
    app.drain();
    await sleep(drainSeconds * 1000);
    await app.close().catch(fail);
    process.exit();
  };
  const fail = (error: unknown): void => {
    process.exitCode = 1;
    app.http.log.fatal({ err: error }, 'an error that nothing caught');
    void stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (stopping ? process.exit(1) : void stop()));
  for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, fail);
}
