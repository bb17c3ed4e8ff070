/**
 * Preloaded by NODE_OPTIONS: SIGALRM causes an uncaught exception, SIGVTALRM an unhandled rejection, and SIGWINCH one
 * without an error.
 */
process.on('SIGALRM', () => {
  setImmediate(() => {
    throw new Error('thrown by the test');
  });
});
process.on('SIGVTALRM', () => {
  void Promise.reject(new Error('rejected by the test'));
});
process.on('SIGWINCH', () => {
  void Promise.reject();
});
