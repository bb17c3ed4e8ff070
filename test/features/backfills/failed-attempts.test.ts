import { describe, expect, it } from '../../support/fixtures.ts';
import { trackerOf } from '../awards/tracker.ts';

const START = 'mutation($input: StartBadgeBackfillInput!) { startBadgeBackfill(input: $input) { backfill { id } } }';

describe('an attempt at a backfill that fails', () => {
  it('is logged when the attempt before was that of another replica', async ({ db: { sql }, service, auth }) => {
    const tracker = await trackerOf(service, auth);
    await tracker.record('ada', { verb: 'read' });
    const key = await tracker.define({ count: { verb: 'read', gte: 1 } });
    await sql`create function fail() returns trigger language plpgsql as $$ begin raise 'injected failure'; end $$`;
    await sql`create trigger fail before insert on badges for each row execute function fail()`;
    service.logs.clear();
    const [backfill] = await sql`
      insert into badge_backfills (definition_key, dry_run, started_at, attempts)
      values (${key}, false, now(), 1) returning id::int`;
    await tracker.query(START, { input: { key } });
    const failures = () => service.logs.filter(({ msg }) => msg === 'badge backfill failed');
    await expect.poll(failures, { timeout: 60_000 }).not.toEqual([]);
    const err = { type: 'PostgresError', code: 'P0001' };
    expect(failures()[0]).toMatchObject({ level: 'warn', backfill: backfill?.id, attempts: 2, err });
  }, 90_000);
});
