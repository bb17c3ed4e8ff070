/** Loaded into a service by NODE_OPTIONS, beside its own code: signals make errors that nothing catches. */
process.on('SIGALRM', () => {
  setImmediate(() => {
    throw new Error('thrown by the test');
  });
});
process.on('SIGVTALRM', () => {
  void Promise.reject(new Error('rejected by the test'));
});
