import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { serviceEnv } from '../../support/app.ts';
import { expect, it } from '../../support/fixtures.ts';

/** Runs a command on a terminal of its own; of util-linux, not everywhere. */
const SCRIPT = '/usr/bin/script';

it.skipIf(!existsSync(SCRIPT))('the log on a terminal is for people', async ({ db, auth, onTestFinished }) => {
  const child = spawn(SCRIPT, ['-qefc', `${process.execPath} src/main.ts`, '/dev/null'], {
    env: { PATH: process.env.PATH, ...serviceEnv(db, auth) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  let shown = '';
  child.stdout.on('data', (chunk) => {
    shown += stripVTControlCharacters(String(chunk));
  });
  await expect.poll(() => shown, { timeout: 10_000 }).toMatch(/INFO: Server listening at http:/);
  expect(shown).not.toContain('{"level"');
});
