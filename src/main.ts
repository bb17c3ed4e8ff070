import './exit-on-signals.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import closeWithGrace, { type Signals } from 'close-with-grace';
import { type App, buildApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { releaseSignals } from './exit-on-signals.ts';

/** Time limit of the shutdown after the drain time. The process then exits with code 1. */
const CLOSE_TIMEOUT_MS = 15_000;
/**
 * Signals of faults in native code, after which it is not safe to run JavaScript; Node's default is to end the process.
 */
const FAULT_SIGNALS: Signals[] = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'];

try {
  const config = readConfig(process.env);
  const app = await buildApp(config);
  installShutdownHandlers(app, config.drainSeconds);
  await app.listen().catch((error: Error) => {
    throw 'syscall' in error ? listenProblem(config, error) : error;
  });
  void app.logReadiness();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

/** Names the variables of an address on which the process cannot listen; the message of Node has the port. */
function listenProblem({ host, port, operationsPort }: Config, { message }: Error): ConfigError {
  const operations = operationsPort === undefined ? '' : ` and OPERATIONS_PORT=${operationsPort}`;
  return new ConfigError([`HOST=${host} with PORT=${port}${operations}: ${message}`]);
}

/**
 * Shuts down on a signal, with exit code 0, and on an uncaught error, with exit code 1. Readiness fails while requests
 * are still served, then requests in flight finish, then the process exits. A second signal or error exits at once.
 */
function installShutdownHandlers(app: App, drainSeconds: number): void {
  const logFatal = (err: unknown) => app.http.log.fatal({ err }, 'uncaught error');
  const drainMs = drainSeconds * 1000;
  const delay = drainMs + CLOSE_TIMEOUT_MS;
  const options = { delay, logger: app.http.log, skip: FAULT_SIGNALS, onSecondError: logFatal };
  releaseSignals();
  closeWithGrace(options, async (reason) => {
    const isError = 'err' in reason;
    if (isError) logFatal(reason.err);
    app.drain();
    await sleep(drainMs);
    await app.close();
    // NOTE: close-with-grace exits with code 0 after an error that is falsy, as in `Promise.reject()`
    if (isError) process.exit(1);
  });
}
