import { PORTS } from '../config.ts';
import { removeEmbeddedData, stopStaleServer } from './databases.ts';
import { acquireLock } from './lock.ts';
import { requireFreePorts } from './require-free-ports.ts';

/** Time for the processes of a killed run to stop and free their ports. */
const STALE_PROCESSES_TIMEOUT_MS = 10_000;

interface PrepareOptions {
  /** Whether to remove the data of earlier runs. */
  fresh: boolean;
  /** Whether this run starts its own PostgreSQL. */
  embedded: boolean;
}

/**
 * Acquires the lock and checks the ports before the run starts any process or removes any data.
 * @throws CliError when another run or another program is in the way
 */
export async function prepare({ fresh, embedded }: PrepareOptions): Promise<void> {
  const isLockStale = await acquireLock();
  if (embedded) await stopStaleServer();
  const services = { gateway: PORTS.gateway, 'auth-service': PORTS.authService, 'user-service': PORTS.userService };
  const ports = embedded ? { ...services, PostgreSQL: PORTS.postgres } : services;
  await requireFreePorts(ports, isLockStale ? STALE_PROCESSES_TIMEOUT_MS : 0);
  if (fresh) await removeEmbeddedData();
}
