import { CliError } from '../lib/cli-error.ts';
import type { ManagedProcess } from './managed-process.ts';

/** Each process stops before those that it depends on. */
const STOP_ORDER = ['gateway', 'user-service', 'auth-service', 'postgres'];

export interface Supervisor {
  add(managed: ManagedProcess): ManagedProcess;
  /** Rejects when a process ends without a call of `stop`. */
  failure: Promise<never>;
  isStopping(): boolean;
  stop(): Promise<void>;
  kill(): void;
}

export function createSupervisor(): Supervisor {
  const processes = new Map<string, ManagedProcess>();
  const { promise: failure, reject } = Promise.withResolvers<never>();
  failure.catch(() => {});
  let stopping = false;
  return {
    failure,
    isStopping: () => stopping,
    add(managed) {
      processes.set(managed.name, managed);
      void managed.exited.then(
        (reason) => stopping || reject(new CliError(`${reason}: stopping the other processes.`)),
      );
      return managed;
    },
    async stop() {
      stopping = true;
      for (const name of STOP_ORDER) await processes.get(name)?.stop();
    },
    kill() {
      for (const managed of processes.values()) managed.kill();
    },
  };
}
