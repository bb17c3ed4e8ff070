import { migrate } from '../../src/db/migrations.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runCutover, runSuccessfully, sample, spawnCutover } from './support/cutover.ts';
import { dump } from './support/dump.ts';
import { pauseAtRow } from './support/pause-point.ts';

/** The key of the advisory lock of migrations: "userserv" in ASCII. */
const LOCK = 0x75736572_73657276n.toString();

const nameOf = ({ url }: { url: string }) => new URL(url).pathname.slice(1);

describe('npm run legacy -- finalize', () => {
  it.for(['a', 'b', 'c'] as const)(
    'leaves a database of era %s with its rows and the schema of a new database',
    async (era, { createDatabase, db: current }) => {
      const db = await createDatabase(sample(era), 'drop table if exists alembic_version');
      await runSuccessfully(db, 'migrate');
      const rows = await db.rowCounts();
      await runSuccessfully(db, 'finalize --yes');
      expect(await db.rowCounts()).toEqual(rows);
      const withoutRows = (lines: string[]) => lines.filter((line) => !line.startsWith('in '));
      expect(withoutRows(await dump(db.sql))).toEqual(withoutRows(await dump(current.sql)));
    },
  );

  it.for([
    [
      'foreign keys in all directions',
      [
        'create table users (id integer primary key)',
        'insert into users table auth_users',
        'alter table learning_goals add badge_id integer references badges',
        'alter table badges add goal_id integer references learning_goals',
        'alter table auth_users add constraint auth_users_id_fkey foreign key (id) references users',
      ],
    ],
    ['a shared sequence', ["alter table learning_goals alter id set default nextval('badges_id_seq')"]],
    [
      'a sequence that no column owns',
      ['alter sequence badges_id_seq owned by none', 'alter sequence learning_goals_id_seq owned by none'],
    ],
  ] as const)('drops v1 tables with %s', async ([, statements], { createDatabase }) => {
    const db = await createDatabase(sample('c'), ...statements);
    await runSuccessfully(db, 'migrate');
    const rows = await db.rowCounts();
    await runSuccessfully(db, 'finalize --yes');
    expect(await db.rowCounts()).toEqual(rows);
    expect(await db.sql`select to_regnamespace('legacy') as legacy`).toEqual([{ legacy: null }]);
  });

  it('drops the schema only when the operator types the name of the database', async ({ createMigrated }) => {
    const db = await createMigrated();
    const before = await dump(db.sql);
    expect(await runCutover(db, 'finalize', 'yes')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('Verified: every v1 row'),
      stderr: expect.stringContaining('Not confirmed'),
    });
    expect(await runCutover(db, 'finalize')).toMatchObject({ code: 1, stderr: expect.stringContaining('Pass --yes') });
    expect(await dump(db.sql)).toEqual(before);
    expect((await runCutover(db, 'finalize', nameOf(db))).code).toBe(0);
  });

  it('lets other migrations run until the operator has answered', async ({ createMigrated }) => {
    const db = await createMigrated();
    const answer = async () => {
      const [lock] = await db.sql`select pg_try_advisory_xact_lock(${LOCK}::bigint) as "isFree"`;
      expect(lock).toEqual({ isFree: true });
      await migrate(db.url);
      return nameOf(db);
    };
    expect((await runCutover(db, 'finalize', answer)).code).toBe(0);
  });

  it('drops nothing while another migration runs', async ({ createMigrated }) => {
    const db = await createMigrated();
    const before = await dump(db.sql);
    await db.sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${LOCK}::bigint)`;
      for (const line of ['finalize --yes', 'finalize --dry-run']) {
        const { code, stderr } = await runCutover(db, line);
        expect({ line, code, stderr }).toEqual({
          line,
          code: 1,
          stderr: expect.stringContaining('Another migration is running'),
        });
      }
    });
    expect(await dump(db.sql)).toEqual(before);
  });

  it.for([
    [
      'an object depends on the v1 tables',
      [],
      'create view owners as select owner_id from legacy.badges',
      'view owners',
    ],
    ['the migration was undone', ['rollback'], 'select', 'nothing has been migrated'],
    ['the migration was repeated', ['rollback', 'migrate'], 'select', 'migrated the database again'],
  ] as const)(
    'drops nothing when, before the operator answers, %s',
    async ([, lines, statement, message], { createMigrated }) => {
      const db = await createMigrated();
      let before: string[] = [];
      const answer = async () => {
        for (const line of lines) await runSuccessfully(db, line);
        await db.sql.unsafe(statement);
        before = await dump(db.sql);
        return nameOf(db);
      };
      const { code, stderr } = await runCutover(db, 'finalize', answer);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(message) });
      expect(await dump(db.sql)).toEqual(before);
    },
  );

  it('drops nothing when the verification fails', async ({ createMigrated }) => {
    const db = await createMigrated();
    await db.sql`delete from badges where id = 1`;
    const before = await dump(db.sql);
    expect(await runCutover(db, 'finalize --yes')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('NOT VERIFIED'),
    });
    expect(await dump(db.sql)).toEqual(before);
  });

  it.for([
    ['a view', 'create view badge_owners as select owner_id from badges', 'view badge_owners'],
    [
      'a function',
      'create function name_of(badge badges) returns text language sql as $$ select badge.name $$',
      'function name_of(',
    ],
    [
      'a foreign key',
      'create table notes (author int constraint notes_author_fkey references users (id))',
      'foreign key notes_author_fkey of notes',
    ],
  ])('drops nothing while %s depends on the v1 tables', async ([, statement, message], { createDatabase }) => {
    const db = await createDatabase(sample('a'), statement as string);
    expect(await runSuccessfully(db, 'inspect')).toContain(message);
    await runSuccessfully(db, 'migrate');
    expect(await runCutover(db, 'finalize --yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message as string),
    });
    await runSuccessfully(db, 'verify --strict');
  });

  it('is rejected, like verify, while the migration is incomplete', async ({ createDatabase }) => {
    const db = await createDatabase(sample('a'));
    const pause = await pauseAtRow(db, 'public.badges', 'true');
    const killed = spawnCutover(db, 'migrate');
    await pause.reached();
    killed.kill();
    await pause.release();
    await pause.disconnected();
    for (const line of ['verify', 'finalize --yes']) {
      expect(await runCutover(db, line)).toMatchObject({ code: 1, stderr: expect.stringContaining('step badges') });
    }
    expect(await runSuccessfully(db, 'inspect')).toContain('is in progress');
  });
});
