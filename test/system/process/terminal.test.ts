import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { serviceEnv } from '../../support/app.ts';
import { expect, it } from '../../support/fixtures.ts';

/** Runs a command on a pseudo-terminal. It is part of util-linux and not available on all systems. */
const SCRIPT = '/usr/bin/script';

it.skipIf(!existsSync(SCRIPT))(
  'the log on a terminal is formatted text',
  {
    timeout: 60_000,
  },
  async ({ db, auth, onTestFinished }) => {
    const child = spawn(SCRIPT, ['-qefc', `${process.execPath} src/main.ts`, '/dev/null'], {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...serviceEnv(db, auth) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += stripVTControlCharacters(String(chunk));
    });
    await expect.poll(() => output, { timeout: 30_000 }).toMatch(/INFO: Server listening at http:/);
    expect(output).not.toContain('{"level"');
  },
);
