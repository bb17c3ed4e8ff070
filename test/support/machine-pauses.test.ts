import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { copyProject } from '../project/project-copy.ts';
import { startCommand } from './command.ts';
import { readStolenMs } from './stolen-time.ts';

const CONFIG = `
import config from '../vitest.config.ts';
const { setupFiles, retry, pool, experimental } = config.test;
export default { test: { setupFiles, retry, pool, experimental, include: ['test/timed.test.ts'] } };`;

/** Appends its process id to a file, and takes as long as DURATION. */
const TIMED = `
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
it('is timed', async () => {
  const start = performance.now();
  appendFileSync(import.meta.dirname + '/attempts', process.pid + '\\n');
  await delay(DURATION);
  expect(performance.now() - start).toBeLessThan(LIMIT);
});`;

/** Longer than the limit of a test that takes 1 s. */
const PAUSE_MS = 2500;

/** Runs the timed test with a limit, and pauses the process of its first attempt if that is asked for. */
async function runTimed({ ms, limitMs, pause = false }: { ms: number; limitMs: number; pause?: boolean }) {
  const { path, remove } = await copyProject(['vitest.config.ts', 'test/support', 'package.json']);
  const attempts = async () =>
    (await readFile(join(path, 'test/attempts'), 'utf8').catch(() => '')).split('\n').slice(0, -1);
  try {
    await writeFile(join(path, 'test/timed.config.ts'), CONFIG);
    await writeFile(
      join(path, 'test/timed.test.ts'),
      TIMED.replace('LIMIT', String(limitMs)).replace('DURATION', String(ms)),
    );
    const vitest = join(path, 'node_modules/vitest/vitest.mjs');
    const { ended } = startCommand([vitest, 'run', '--root', path, '--config', 'test/timed.config.ts'], {});
    if (pause) {
      await expect.poll(attempts, { timeout: 30_000 }).toHaveLength(1);
      const pid = Number((await attempts())[0]);
      process.kill(pid, 'SIGSTOP');
      await delay(PAUSE_MS);
      process.kill(pid, 'SIGCONT');
    }
    const { code, stdout } = await ended;
    return { code, stdout, attempts: (await attempts()).length };
  } finally {
    await remove();
  }
}

describe('a test that exceeds a time limit', { timeout: 60_000 }, () => {
  it('is repeated when the machine paused meanwhile', async () => {
    expect(await runTimed({ ms: 1000, limitMs: 2200, pause: true })).toMatchObject({ code: 0, attempts: 2 });
  });

  it('fails at once when the machine did not pause', async () => {
    const { stdout, ...result } = await runTimed({ ms: 50, limitMs: 10 });
    expect(result).toEqual({ code: 1, attempts: 1 });
    expect(stdout).not.toContain('The machine paused');
  });
});

describe('the time that the host of a virtual machine takes', () => {
  it.for([
    ['cpu  11486 0 6110 60308 312 0 210 11 0 0\ncpu0 5264 0 2682 31155 51 0 64 4 0 0', 110],
    ['cpu  11486 0 6110 60308', 0],
    ['', 0],
  ] as const)('of %j is %d ms', async ([text, ms]) => {
    const { path, remove } = await copyProject(['package.json']);
    await writeFile(join(path, 'stat'), text);
    expect(readStolenMs(join(path, 'stat'))).toBe(ms);
    await remove();
  });

  it('is zero where no file has it', () => {
    expect(readStolenMs('/missing')).toBe(0);
  });
});
