import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { composeSupergraph } from '../../../dev/compose-supergraph.ts';

describe('the committed supergraph', () => {
  it('matches the schemas', async () => {
    const composed = composeSupergraph({ authUrl: 'http://localhost:4001', usersUrl: 'http://localhost:4002' });
    expect(await readFile('dev/supergraph.graphql', 'utf8')).toBe(composed);
  });

  it('passes the --check of its command', async () => {
    await expect(
      promisify(execFile)(process.execPath, ['dev/compose-supergraph.ts', '--check']),
    ).resolves.toBeDefined();
  });
});

describe('composing with other URLs', () => {
  it('changes the URLs and nothing else', async () => {
    const other = composeSupergraph({ authUrl: 'http://auth.test', usersUrl: 'https://users.test/v2' });
    const restored = other
      .replace('"http://auth.test/graphql"', '"http://localhost:4001/graphql"')
      .replace('"https://users.test/v2/graphql"', '"http://localhost:4002/graphql"');
    expect(restored).toBe(await readFile('dev/supergraph.graphql', 'utf8'));
  });
});
