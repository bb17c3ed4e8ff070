import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { type App, buildApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

/** Time limit of the shutdown, after which the process exits with code 1. */
const SHUTDOWN_TIMEOUT_MS = 20_000;

try {
  const config = readConfig(process.env);
  const app = await buildApp(config);
  installShutdownHandlers(app, config.drainSeconds);
  await app.listen();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

/**
 * Shuts down on a signal, with exit code 0, and on an uncaught error, with exit code 1: readiness fails while requests
 * are still served, then requests in flight finish, then the process exits. A second signal exits at once.
 */
function installShutdownHandlers(app: App, drainSeconds: number): void {
  const options = { delay: SHUTDOWN_TIMEOUT_MS, logger: app.http.log };
  closeWithGrace(options, async ({ err }) => {
    if (err !== undefined) app.http.log.fatal({ err }, 'uncaught error');
    app.drain();
    await sleep(drainSeconds * 1000);
    await app.close();
  });
}
