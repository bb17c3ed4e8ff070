import { setTimeout as sleep } from 'node:timers/promises';
import { CliError } from '../lib/cli-error.ts';
import { isPortFree } from '../lib/ports.ts';

const POLL_INTERVAL_MS = 100;

/**
 * Waits up to `timeoutMs` for each port to become free.
 * @throws CliError for the first port that is still in use
 */
export async function requireFreePorts(ports: Record<string, number>, timeoutMs: number): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const deadline = Date.now() + timeoutMs;
    while (!(await isPortFree(port))) {
      if (Date.now() >= deadline) throw new CliError(portInUse(name, port));
      await sleep(POLL_INTERVAL_MS);
    }
  }
}

const portInUse = (name: string, port: number) =>
  `Port ${port} (${name}) is in use: stop the program that uses it ("lsof -i :${port}"), or shift all ports with DEV_PORT_BASE=4100.`;
