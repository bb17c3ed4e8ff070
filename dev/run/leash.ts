/**
 * Loaded before a child's own code (`node --import`): when the process that started it is gone, killed perhaps, the child
 * goes too.
 */
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 8000).unref();
});
// Listening must not keep the child alive.
process.channel?.unref();
