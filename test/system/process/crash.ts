/** Loaded into a service by NODE_OPTIONS, beside its own code: signals make errors that nothing catches. */
process.on('SIGUSR2', () => {
  setImmediate(() => {
    throw new Error('thrown by the test');
  });
});
process.on('SIGHUP', () => {
  void Promise.reject(new Error('rejected by the test'));
});
