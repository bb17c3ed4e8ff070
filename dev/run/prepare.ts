import { PORTS } from './addresses.ts';
import { endLeftover, forgetData } from './databases.ts';
import { takeLock } from './lock.ts';
import { requireFreePorts } from './require-free-ports.ts';

const LEFTOVERS_GO_WITHIN_MS = 10_000;

export interface Preparation {
  /** Whether the data of earlier runs goes. */
  fresh: boolean;
  /** Whether PostgreSQL is ours to start. */
  embedded: boolean;
}

/** Makes sure that nothing stands in the way, before anything is started or deleted. */
export async function prepare({ fresh, embedded }: Preparation): Promise<void> {
  const abandoned = await takeLock();
  if (embedded) await endLeftover();
  const services = { gateway: PORTS.gateway, 'auth-service': PORTS.authService, 'user-service': PORTS.userService };
  const ports = embedded ? { ...services, PostgreSQL: PORTS.postgres } : services;
  await requireFreePorts(ports, abandoned ? LEFTOVERS_GO_WITHIN_MS : 0);
  if (fresh) await forgetData();
}
