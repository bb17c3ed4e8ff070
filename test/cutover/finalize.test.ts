import { describe, expect } from '../support/fixtures.ts';
import { it, legacy, sample, startLegacy, succeed } from './support/cutover.ts';
import { dump } from './support/dump.ts';
import { shutGate } from './support/pause-point.ts';

describe('npm run legacy -- finalize', () => {
  it.for(['a', 'b', 'c'] as const)(
    'leaves of era %s nothing but what a new database would have, and its rows',
    async (era, { databaseOf, db: current }) => {
      const db = await databaseOf(sample(era), 'drop table if exists alembic_version');
      await succeed(db, 'migrate');
      const rows = await db.rowCounts();
      await succeed(db, 'finalize --yes');
      expect(await db.rowCounts()).toEqual(rows);
      const shape = (lines: string[]) =>
        lines.filter((line) => !line.startsWith('in ') && !line.startsWith('schema public'));
      expect(shape(await dump(db.sql))).toEqual(shape(await dump(current.sql)));
    },
  );

  it('asks for the name of the database, and goes by the answer', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    const before = await dump(db.sql);
    expect(await legacy(db, 'finalize', 'yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Not confirmed'),
    });
    expect(await legacy(db, 'finalize')).toMatchObject({ code: 1, stderr: expect.stringContaining('say --yes') });
    expect(await dump(db.sql)).toEqual(before);
    expect((await legacy(db, 'finalize', new URL(db.url).pathname.slice(1))).code).toBe(0);
  });

  it('does not drop what verify cannot prove', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    await succeed(db, 'migrate');
    await db.sql`delete from badges where id = 1`;
    const before = await dump(db.sql);
    expect(await legacy(db, 'finalize --yes')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('NOT VERIFIED'),
    });
    expect(await dump(db.sql)).toEqual(before);
  });

  it.for([
    ['a view', 'create view busy as select owner_id from badges', 'view busy'],
    [
      'a function',
      'create function name_of(badge badges) returns text language sql as $$ select badge.name $$',
      'function name_of(',
    ],
    [
      'a foreign key',
      'create table notes (author int constraint by_whom references users (id))',
      'foreign key by_whom of notes',
    ],
  ])('does not drop what %s of others stands on', async ([, statement, told], { databaseOf }) => {
    const db = await databaseOf(sample('a'), statement as string);
    expect(await succeed(db, 'inspect')).toContain(told);
    await succeed(db, 'migrate');
    expect(await legacy(db, 'finalize --yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(told as string),
    });
    await succeed(db, 'verify --strict');
  });

  it('and verify are refused while the migration is not finished', async ({ databaseOf }) => {
    const db = await databaseOf(sample('a'));
    const gate = await shutGate(db, 'public.badges', 'true');
    const killed = startLegacy(db, 'migrate');
    await gate.reached();
    killed.kill();
    await gate.open();
    await gate.deserted();
    for (const line of ['verify', 'finalize --yes']) {
      expect(await legacy(db, line)).toMatchObject({ code: 1, stderr: expect.stringContaining('step badges') });
    }
    expect(await succeed(db, 'inspect')).toContain('is under way');
  });
});
