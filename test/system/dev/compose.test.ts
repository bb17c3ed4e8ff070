import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../../dev/compose.ts';

describe('the committed supergraph', () => {
  it('is what the schemas compose to', async () => {
    const composed = composeSupergraph({ authUrl: 'http://localhost:4001', usersUrl: 'http://localhost:4002' });
    expect(await readFile('dev/supergraph.graphql', 'utf8')).toBe(composed);
  });

  it('passes its own check', async () => {
    await expect(promisify(execFile)(process.execPath, ['dev/compose.ts', '--check'])).resolves.toBeDefined();
  });
});

describe('composing for other addresses', () => {
  it('names them and changes nothing else', async () => {
    const moved = composeSupergraph({ authUrl: 'http://auth.test', usersUrl: 'https://users.test/v2' });
    const back = moved
      .replace('"http://auth.test/graphql"', '"http://localhost:4001/graphql"')
      .replace('"https://users.test/v2/graphql"', '"http://localhost:4002/graphql"');
    expect(back).toBe(await readFile('dev/supergraph.graphql', 'utf8'));
  });
});
