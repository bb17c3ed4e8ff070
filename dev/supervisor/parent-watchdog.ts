/**
 * Stops this process when its parent ends, even when the parent is killed: the IPC channel then disconnects.
 * Loaded with `node --import` before the program's own code.
 */

/** Time for a graceful shutdown before SIGKILL. */
const SHUTDOWN_TIMEOUT_MS = 8_000;

process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), SHUTDOWN_TIMEOUT_MS).unref();
});
// The channel must not keep the process alive.
process.channel?.unref();
