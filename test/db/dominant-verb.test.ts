import { describe, expect, it } from '../support/fixtures.ts';
import { trackerPass } from '../support/tracker-pass.ts';
import { planOf, skipWithoutGenericPlans } from './plan.ts';

const BY_VERB = 'activities_auth_user_id_verb_occurred_at_id_idx';

describe('where all activities are of one user, one verb and one object', () => {
  it('each statement with a verb searches an index by it, instead of the whole history', async ({
    db,
    service,
    auth,
    createUser,
    skip,
  }) => {
    await skipWithoutGenericPlans(db, skip);
    const user = await createUser();
    service.statements.clear();
    await trackerPass(service, { user, tokenOf: (scope) => auth.token('tracker', { scope }) });
    const statements = [...new Set(service.statements.filter((text) => /\bactivities\b/.test(text)))];
    await db.sql`truncate activities`;
    await db.sql`
      insert into activities (auth_user_id, event_id, verb, object_id, quantity, occurred_at, is_occurred_at_default,
        local_date, time_zone, recorded_at)
      select ${user.id}, 'event-' || n, 'practice', 'object', 1, '2024-01-01'::timestamptz + n * interval '1 minute', false,
        '2024-01-01', 'UTC', '2024-01-01'
      from generate_series(1, 20000) n`;
    await db.sql`vacuum analyze activities`;

    const plans = await Promise.all(statements.map((text) => planOf(db, text)));
    expect(plans.flatMap(({ filters }) => filters).filter((condition) => /\bverb\b/.test(condition))).toEqual([]);
    const byVerb = plans.flatMap(({ searches }) => searches).filter(({ index }) => index === BY_VERB);
    expect(byVerb.filter(({ condition }) => /\bverb = /.test(condition)).length).toBeGreaterThanOrEqual(5);
  });
});
