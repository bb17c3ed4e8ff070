import { describe, expect } from '../support/fixtures.ts';
import { createProxy } from '../support/proxy.ts';
import { it, sample, startLegacy } from './support/cutover.ts';

const nowhere = { url: 'postgres://nobody:secret@127.0.0.1:1/nothing' };

describe('npm run legacy', () => {
  it('takes a database from inspection to the end', async ({ databaseOf }) => {
    const db = await databaseOf(sample('b'));
    const told: Record<string, string> = {
      inspect: 'era B',
      'migrate --dry-run': 'dry run',
      'migrate --batch-size 1000': 'badges: 5,000 read, 5,000 in the new table',
      'verify --strict': 'Verified',
      'finalize --yes': 'The schema legacy is gone',
    };
    for (const [line, report] of Object.entries(told)) {
      const { code, stdout } = await startLegacy(db, line).ended;
      expect({ line, code, stdout }).toEqual({ line, code: 0, stdout: expect.stringContaining(report) });
    }
  });

  it('reports an inspection as JSON on standard output, and nothing else', async ({ databaseOf }) => {
    const { stdout, stderr } = await startLegacy(await databaseOf(sample('a')), 'inspect --json').ended;
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'first version',
      era: 'A',
      rows: { users: 3, badges: 4, learning_goals: 5 },
      owners: 3,
      orphans: [
        { what: 'badges', reason: 'no owner', rows: 1 },
        { what: 'learning_goals', reason: 'no owner', rows: 1 },
      ],
      changes: [{ what: 'learning_goals.status', reason: 'almost there', rows: 1 }],
    });
  });

  it('--help tells every command and every exit code, without a database', async () => {
    const { code, stdout } = await startLegacy(nowhere, '--help').ended;
    expect(code).toBe(0);
    for (const word of ['inspect', 'migrate', 'verify', 'rollback', 'finalize', 'Exit codes'])
      expect(stdout).toContain(word);
  });

  it.for<[string, string]>([
    ['remove', 'There is no command "remove"'],
    ['migrate now', '"now" is too much'],
    ['inspect --strict', 'inspect has no option --strict'],
    ['migrate --force', "Unknown option '--force'"],
    ['migrate --batch-size 0', '--batch-size must be a whole number'],
    ['migrate --batch-size x', '--batch-size must be a whole number'],
  ])('ends with 2 and says why when it is told "%s"', async ([line, told]) => {
    const { code, stdout, stderr } = await startLegacy(nowhere, line).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(told) });
  });

  it('without a database that answers ends with 1 and says why, not how it would have got in', async ({ db }) => {
    const url = new URL((await createProxy(db.url)).url);
    url.password = 'a-password';
    const { code, stderr } = await startLegacy({ url: url.href }, 'inspect').ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/not to be reached.*ECONNREFUSED/) });
    expect(stderr).not.toContain('a-password');
  });

  it('without DATABASE_URL ends with 1 and asks for it', async () => {
    const { code, stderr } = await startLegacy({ url: '' }, 'inspect').ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('DATABASE_URL is required') });
  });
});
