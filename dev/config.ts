import { printError } from './lib/output.ts';
import { isBlockedPort } from './lib/ports.ts';

const DEFAULT_PORT_BASE = 4000;
const MIN_PORT_BASE = 1024;
/** Keeps the PostgreSQL port, 50,329 above the base, within 65,535. */
const MAX_PORT_BASE = 15_000;
const portBase = readPortBase();

/** `DEV_PORT_BASE` shifts every port, for a machine where port 4000 is taken or for a second supergraph. */
export const PORTS = {
  gateway: portBase,
  authService: portBase + 1,
  userService: portBase + 2,
  postgres: 54_329 + portBase - DEFAULT_PORT_BASE,
} as const;

export const URLS = {
  gateway: `http://localhost:${PORTS.gateway}`,
  authService: `http://localhost:${PORTS.authService}`,
  userService: `http://localhost:${PORTS.userService}`,
} as const;

/** Whether the ports differ from those in the committed supergraph. */
export const hasShiftedPorts = portBase !== DEFAULT_PORT_BASE;

/** The folder for data, lock and password. Each port base has its own folder. */
export const STATE_DIR = new URL(hasShiftedPorts ? `../.dev/${portBase}/` : '../.dev/', import.meta.url);

function readPortBase(): number {
  const value = process.env.DEV_PORT_BASE || String(DEFAULT_PORT_BASE);
  const base = Number(value);
  if (!Number.isInteger(base) || base < MIN_PORT_BASE || base > MAX_PORT_BASE)
    return exitWith(`DEV_PORT_BASE is "${value}"; expected a whole number from ${MIN_PORT_BASE} to ${MAX_PORT_BASE}.`);
  const blocked = [base, base + 1, base + 2].find(isBlockedPort);
  if (blocked === undefined) return base;
  return exitWith(`DEV_PORT_BASE=${base} includes port ${blocked}, which browsers block; choose another base.`);
}

/** Exits while modules still load, before a command can catch a CliError. */
function exitWith(message: string): never {
  printError(message);
  process.exit(1);
}
