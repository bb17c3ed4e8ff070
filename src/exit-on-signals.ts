/**
 * Lets SIGTERM and SIGINT end the process from the import of this module on, so it is the first import of a program.
 * The first process of a container (PID 1) otherwise ignores signals without a handler.
 */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Sends the signal again without the handler, which ends any process but PID 1, and tells its parent the signal. */
function exit(signal: keyof typeof EXIT_CODES): void {
  releaseSignals();
  process.kill(process.pid, signal);
  process.exit(EXIT_CODES[signal]);
}

/** Leaves the signals to other handlers. */
export function releaseSignals(): void {
  for (const signal of SIGNALS) process.off(signal, exit);
}

for (const signal of SIGNALS) process.on(signal, exit);
