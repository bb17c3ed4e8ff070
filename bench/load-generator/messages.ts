/** Sets the requests that the following loops send. */
export interface RequestsMessage {
  kind: 'requests';
  requests: Uint8Array[];
}

/** Starts a loop. The load generator replies with its outcome. */
export type LoopMessage = ({ kind: 'closed' } & LoadOptions) | ({ kind: 'open' } & OpenLoopOptions);

export interface LoadOptions {
  port: number;
  connections: number;
  seconds: number;
  /** The index of the first request to send. The requests repeat from the beginning after the last one. */
  firstRequest: number;
}

export interface OpenLoopOptions extends LoadOptions {
  requestsPerSecond: number;
  /**
   * The interval at which due requests are sent and responses are read, in milliseconds. A short one takes CPU time
   * from PostgreSQL, a long one adds to the latency.
   */
  tickMs: number;
}
