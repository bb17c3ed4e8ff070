import { randomInt } from 'node:crypto';
import { isBlockedPort, isPortFree } from '../../dev/lib/ports.ts';

/** Systems choose the ports of outgoing connections, and those of servers on port 0, above this range. */
const FIRST = 10_000;
const COUNT = 20_000;

/**
 * Returns a free port for a server that listens later, or again. No connection takes it in the meantime, and other
 * tests choose the same one very rarely.
 */
export async function findTestPort(): Promise<number> {
  const port = FIRST + randomInt(COUNT);
  return !isBlockedPort(port) && (await isPortFree(port)) ? port : findTestPort();
}
