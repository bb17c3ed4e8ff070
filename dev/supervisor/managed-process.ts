/** A process that the supervisor starts and stops. */
export interface ManagedProcess {
  name: string;
  /** Resolves when the process is healthy. Rejects when it ends first, or is not healthy in time. */
  ready: Promise<void>;
  /** Settles with a description when the process has ended for any reason. */
  exited: Promise<string>;
  stop(): Promise<void>;
  /** Ends the process immediately. */
  kill(): void;
}
