import { setTimeout as sleep } from 'node:timers/promises';
import { isPortFree } from '../lib/ports.ts';
import { Problem } from './problem.ts';

/** @param patienceMs how long what a killed run left behind may take to go */
export async function requireFreePorts(ports: Record<string, number>, patienceMs: number): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const deadline = Date.now() + patienceMs;
    while (!(await isPortFree(port))) {
      if (Date.now() >= deadline) throw new Problem(refusal(name, port));
      await sleep(100);
    }
  }
}

const refusal = (name: string, port: number) =>
  `Port ${port} (${name}) is taken by another program: stop it ("lsof -i :${port}" names it), or move the whole stack with DEV_PORT_BASE=4100.`;
