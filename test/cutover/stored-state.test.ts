import { describe, expect } from '../support/fixtures.ts';
import { it, runSuccessfully, sample } from './support/cutover.ts';

describe('the schema legacy', () => {
  it('has stable table and column names, because a later release may resume the migration', async ({
    createDatabase,
  }) => {
    const db = await createDatabase(sample('a'));
    await runSuccessfully(db, 'migrate');
    const tables = await db.sql`
      select table_name || ': ' || string_agg(column_name, ' ' order by ordinal_position) as columns
      from information_schema.columns
      where table_schema = 'legacy' and table_name not in ('users', 'badges', 'learning_goals')
      group by table_name order by table_name`;
    expect(tables.map(({ columns }) => columns)).toEqual([
      'deletions: table_name row_id deleted_at role application',
      'migration: is_only era shape step moved had_drizzle bystanders badges_highest learning_goals_highest started_at finished_at',
      'orphans: table_name row_id row_data reason',
      'progress: table_name last_id rows_read',
      'status_notes: goal_id original',
      'value_notes: table_name row_id column_name original reason',
    ]);
    const triggers = await db.sql`
      select tgrelid::regclass::text as table, tgname as name, tgfoid::regproc::text as function
      from pg_trigger where not tgisinternal and tgname like 'legacy%' order by 1`;
    expect([...triggers]).toEqual([
      { table: 'badges', name: 'legacy_note_deletion', function: 'legacy.note_deletion' },
      { table: 'learning_goals', name: 'legacy_note_deletion', function: 'legacy.note_deletion' },
    ]);
  });

  it('stores the layout and the moved objects under stable keys', async ({ createDatabase }) => {
    const db = await createDatabase(sample('c'), 'alter sequence badges_id_seq owned by none');
    await runSuccessfully(db, 'migrate');
    const [migration] = await db.sql`select shape, moved, bystanders from legacy.migration`;
    expect(migration).toEqual({
      shape: {
        era: 'C',
        keyType: 'bigint',
        owners: { badges: ['auth_user_id', 'owner_id'], learning_goals: ['auth_user_id'] },
        hasZone: false,
        people: ['auth_users'],
        extraColumns: [],
      },
      moved: [
        { kind: 'table', schema: 'public', name: 'badges' },
        { kind: 'table', schema: 'public', name: 'learning_goals' },
        { kind: 'table', schema: 'public', name: 'auth_users' },
        { kind: 'sequence', schema: 'public', name: 'badges_id_seq' },
      ],
      bystanders: ['alembic_version'],
    });
  });
});
