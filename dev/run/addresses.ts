import { isBlocked } from '../lib/ports.ts';
import { saySorry } from '../lib/say.ts';

const USUAL_BASE = 4000;
const base = portBase();

/** `DEV_PORT_BASE` moves all of them, for when 4000 is somebody else's or for a second stack beside the first. */
export const PORTS = {
  gateway: base,
  authService: base + 1,
  userService: base + 2,
  postgres: 54_329 + base - USUAL_BASE,
} as const;

export const URLS = {
  gateway: `http://localhost:${PORTS.gateway}`,
  authService: `http://localhost:${PORTS.authService}`,
  userService: `http://localhost:${PORTS.userService}`,
} as const;

/** Whether the committed supergraph has the right addresses. */
export const isMoved = base !== USUAL_BASE;

/** Everything that a run keeps, below the project's folder; a moved stack has data of its own. */
export const KEPT = new URL(isMoved ? `../../.dev/${base}/` : '../../.dev/', import.meta.url);

function portBase(): number {
  const given = Number(process.env.DEV_PORT_BASE || USUAL_BASE);
  if (!Number.isInteger(given) || given < 1024 || given > 15_000)
    return refuse('DEV_PORT_BASE must be a whole number from 1024 to 15000.');
  const blocked = [given, given + 1, given + 2].find(isBlocked);
  if (blocked === undefined) return given;
  return refuse(`DEV_PORT_BASE=${given} would take port ${blocked}, to which browsers send nothing: choose another.`);
}

/** Whatever imports this is not to go on, and has no place yet where a Problem would be caught. */
function refuse(why: string): never {
  saySorry(why);
  process.exit(1);
}
