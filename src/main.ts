import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace, { type Signals } from 'close-with-grace';
import { type App, buildApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';

/** Time limit of the shutdown, after which the process exits with code 1. */
const SHUTDOWN_TIMEOUT_MS = 20_000;
/** Signals of faults in native code, after which it is not safe to run JavaScript; Node's default is to end the process. */
const FAULT_SIGNALS: Signals[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'];

try {
  const config = readConfig(process.env);
  const app = await buildApp(config);
  installShutdownHandlers(app, config.drainSeconds);
  await app.listen();
  void app.logReadiness();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

/**
 * Shuts down on a signal, with exit code 0, and on an uncaught error, with exit code 1: readiness fails while requests
 * are still served, then requests in flight finish, then the process exits. A second signal or error exits at once.
 */
function installShutdownHandlers(app: App, drainSeconds: number): void {
  const logFatal = (err: unknown) => app.http.log.fatal({ err }, 'uncaught error');
  const options = { delay: SHUTDOWN_TIMEOUT_MS, logger: app.http.log, skip: FAULT_SIGNALS, onSecondError: logFatal };
  closeWithGrace(options, async ({ err }) => {
    if (err !== undefined) logFatal(err);
    app.drain();
    await sleep(drainSeconds * 1000);
    await app.close();
  });
}
