import { describe, expect } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';
import { it, sample, spawnCutover } from './support/cutover.ts';

const unreachable = { url: 'postgres://user:secret@127.0.0.1:1/database' };

describe('npm run legacy', () => {
  it('migrates a database from inspect to finalize', { timeout: 60_000 }, async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    const reports: Record<string, string> = {
      inspect: 'era B',
      'migrate --dry-run': 'dry run',
      'migrate --batch-size 1000': 'badges: 5,000 read, 5,000 in the new table',
      'verify --strict': 'Verified',
      'finalize --yes': 'Dropped the schema legacy',
    };
    for (const [line, report] of Object.entries(reports)) {
      const { code, stdout } = await spawnCutover(db, line).ended;
      expect({ line, code, stdout }).toEqual({ line, code: 0, stdout: expect.stringContaining(report) });
    }
  });

  it('prints only the JSON report to standard output for inspect --json', async ({ createDatabase }) => {
    const { stdout, stderr } = await spawnCutover(await createDatabase(sample('a')), 'inspect --json').ended;
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'v1',
      era: 'A',
      rows: { users: 3, badges: 4, learning_goals: 5 },
      users: 3,
      orphans: [
        { subject: 'badges', reason: 'no owner', rows: 1 },
        { subject: 'learning_goals', reason: 'no owner', rows: 1 },
      ],
      replacements: [{ subject: 'learning_goals.status', reason: 'almost there', rows: 1 }],
    });
  });

  it('reads the limits of rows from the settings of the service', async ({ createDatabase }) => {
    const db = await createDatabase(sample('b'));
    const limits = { MAX_BADGES_PER_USER: '2499', MAX_GOALS_PER_USER: '2000' };
    const { stdout } = await spawnCutover(db, 'inspect', limits).ended;
    expect(stdout).toMatch(/badges: 2 .*more than 2499 rows/);
    expect(stdout).not.toContain('MAX_GOALS_PER_USER');
    const { code, stderr } = await spawnCutover(db, 'inspect', { MAX_GOALS_PER_USER: 'x' }).ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('MAX_GOALS_PER_USER is "x", expected'),
    });
  });

  it('lists every command and the exit codes for --help, without a database', async () => {
    const { code, stdout } = await spawnCutover(unreachable, '--help').ended;
    expect(code).toBe(0);
    for (const word of ['inspect', 'migrate', 'verify', 'rollback', 'finalize', 'Exit codes'])
      expect(stdout).toContain(word);
  });

  it.for<[string, string]>([
    ['remove', 'Unknown command "remove"'],
    ['migrate now', 'Unexpected argument "now"'],
    ['inspect --strict', 'inspect does not support --strict'],
    ['migrate --force', "Unknown option '--force'"],
    ['migrate --batch-size 0', '--batch-size is "0", expected a whole number'],
    ['migrate --batch-size x', '--batch-size is "x", expected a whole number'],
  ])('exits with 2 and prints the problem for "%s"', async ([line, message]) => {
    const { code, stdout, stderr } = await spawnCutover(unreachable, line).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('exits with 1 when the database is unreachable, and does not print the password', async ({ db }) => {
    const url = new URL((await createProxy(db.url)).url);
    url.password = 'a-password';
    const { code, stderr } = await spawnCutover({ url: url.href }, 'inspect').ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/Cannot connect to the database.*ECONNREFUSED/),
    });
    expect(stderr).not.toContain('a-password');
  });

  it.for<[string, Partial<URL>, string]>([
    [
      'a database that does not exist',
      { pathname: '/unknown_database' },
      'The database in DATABASE_URL does not exist',
    ],
    ['an unknown parameter', { search: '?schema=public' }, 'Cannot connect to the database'],
  ])('exits with 1 and the reason for %s', async ([, part, message], { db }) => {
    const { href } = Object.assign(new URL(db.url), part);
    const { code, stderr } = await spawnCutover({ url: href }, 'inspect').ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
  });

  it('exits with 1 and requires DATABASE_URL when the variable is missing', async () => {
    const { code, stderr } = await spawnCutover({ url: '' }, 'inspect').ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('DATABASE_URL is required') });
  });
});
