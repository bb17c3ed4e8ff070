const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Closes and exits at the first signal; a second one exits at once. */
export function closeOnSignal(close: () => Promise<void>): void {
  let closing = false;
  const stop = () => {
    if (closing) process.exit(1);
    closing = true;
    void close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of SIGNALS) process.on(signal, stop);
}
