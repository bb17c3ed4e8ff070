import type { Part } from './part.ts';
import { Problem } from './problem.ts';

/** Whoever needs another one goes before it. */
const STOP_ORDER = ['gateway', 'user-service', 'auth-service', 'postgres'];

export interface Stack {
  add(part: Part): Part;
  /** Fails when a part ends that nobody asked to. */
  trouble: Promise<never>;
  isStopping(): boolean;
  stop(): Promise<void>;
  kill(): void;
}

export function createStack(): Stack {
  const parts = new Map<string, Part>();
  const { promise: trouble, reject } = Promise.withResolvers<never>();
  trouble.catch(() => {});
  let stopping = false;
  return {
    trouble,
    isStopping: () => stopping,
    add(part) {
      parts.set(part.name, part);
      void part.died.then((what) => stopping || reject(new Problem(`${what}: stopping the rest.`)));
      return part;
    },
    async stop() {
      stopping = true;
      for (const name of STOP_ORDER) await parts.get(name)?.stop();
    },
    kill() {
      for (const part of parts.values()) part.kill();
    },
  };
}
