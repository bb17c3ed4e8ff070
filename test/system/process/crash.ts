/** Preloaded by NODE_OPTIONS: SIGALRM causes an uncaught exception, SIGVTALRM an unhandled rejection. */
process.on('SIGALRM', () => {
  setImmediate(() => {
    throw new Error('thrown by the test');
  });
});
process.on('SIGVTALRM', () => {
  void Promise.reject(new Error('rejected by the test'));
});
