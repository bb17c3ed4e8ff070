/** A running program of the stack. */
export interface Part {
  name: string;
  /** Settles when it answers; fails when it ends before, or never answers. */
  ready: Promise<void>;
  /** Settles with what happened when it has ended, for whatever reason. */
  died: Promise<string>;
  stop(): Promise<void>;
  /** Leaves it no choice. */
  kill(): void;
}
