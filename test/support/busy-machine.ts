/** Milliseconds that a busy machine adds to a response that comes at a time limit of the service. */
export const BUSY_MACHINE_MS = 1500;
