import fc from 'fast-check';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect } from '../support/fixtures.ts';
import { it, runSuccessfully, sample } from './support/cutover.ts';
import { dump } from './support/dump.ts';

const text = fc
  .oneof(
    fc.constantFrom(
      null,
      '',
      ' ',
      'javascript:alert(1)',
      '//host/x',
      '/icons/x.png',
      'é',
      '𝄞',
      '\u0001',
      '"',
      "'",
      '\\',
      '{}',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc
      .tuple(fc.constantFrom('a', 'é', '𝄞', '👩‍🚀', '\t'), fc.integer({ min: 90, max: 2100 }))
      .map(([unit, times]) => unit.repeat(times)),
  )
  .map((value) => value?.replaceAll('\0', '') ?? null);

const timestamp = fc.oneof(
  fc.constantFrom(
    null,
    'infinity',
    '-infinity',
    '0044-03-15 10:00:00 BC',
    '0001-01-01 00:00:00',
    '9999-12-31 23:59:59.999999',
    '10000-01-01 00:00:00',
  ),
  fc
    .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, -1)),
);
const status = fc.oneof(
  fc.constantFrom(
    'in-progress',
    'in_progress',
    'not_started',
    'not-started',
    'completed',
    'paused',
    'archived',
    'Completed',
    'in__progress',
  ),
  text,
);
const owner = fc.constantFrom(null, 1, 2, 7, 99, -4);
const id = fc.oneof(fc.integer({ min: -3, max: 40 }), fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }));
const streak = fc.oneof(fc.constantFrom(null, 0, -1), fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }));

const badges = fc.uniqueArray(
  fc.record({ id, name: text, description: text, icon_url: text, date_achieved: timestamp, owner_id: owner }),
  {
    selector: (row) => row.id,
    maxLength: 30,
  },
);
const goals = fc.uniqueArray(
  fc.record({ id, title: text, description: text, status, streak_count: streak, owner_id: owner }),
  {
    selector: (row) => row.id,
    maxLength: 30,
  },
);

async function replaceRows({ sql }: TestDatabase, table: string, rows: object[]): Promise<void> {
  await sql`truncate ${sql(table)}`;
  await sql`
    insert into ${sql(table)} select * from json_populate_recordset(null::${sql(table)}, ${JSON.stringify(rows)}::text::json)`;
}

describe('any rows that v1 accepts', () => {
  it('are each copied or stored as an orphan, exactly once, and rollback restores all of them', {
    timeout: 120_000,
  }, async ({ createDatabase }) => {
    const db = await createDatabase(
      sample('a'),
      'alter table badges drop constraint badges_owner_id_fkey',
      'alter table learning_goals drop constraint learning_goals_owner_id_fkey',
      "insert into users (id, username) values (-4, 'minus')",
    );
    const countRows = async (table: string) => {
      const [row] = await db.sql`
        select (select count(*) from public.${db.sql(table)})::int as copied,
          (select count(*) from legacy.orphans where table_name = ${table})::int as orphans`;
      return row;
    };
    const property = fc.asyncProperty(
      badges,
      goals,
      fc.integer({ min: 1, max: 12 }),
      async (badgeRows, goalRows, batchSize) => {
        await replaceRows(db, 'badges', badgeRows);
        await replaceRows(db, 'learning_goals', goalRows);
        const before = await dump(db.sql);
        await runSuccessfully(db, `migrate --batch-size ${batchSize}`);
        await runSuccessfully(db, `verify --strict --batch-size ${13 - batchSize}`);
        for (const [table, rows] of [
          ['badges', badgeRows],
          ['learning_goals', goalRows],
        ] as const) {
          const orphans = rows.filter(({ owner_id }) => owner_id === null || owner_id === 99 || owner_id === -4).length;
          expect(await countRows(table)).toEqual({ copied: rows.length - orphans, orphans });
        }
        await runSuccessfully(db, 'rollback');
        expect(await dump(db.sql)).toEqual(before);
      },
    );
    await fc.assert(property, { numRuns: 20 });
  });
});
