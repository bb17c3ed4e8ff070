import { describe, expect, it } from '../../support/fixtures.ts';
import { createGoal, practise } from './tracked-goals.ts';

const STREAKS = `query($ref: [_Any!]!) { _entities(representations: $ref) {
  ... on User { streak { current totalDays } goals { id } }
} }`;

describe('the deletion of a goal', () => {
  it('keeps its activities, which count overall, and removes its streak and sums', async ({
    service,
    db,
    createUser,
  }) => {
    const ada = await createUser();
    const [goal, other] = [await createGoal(service, ada), await createGoal(service, ada)];
    const { activity } = await practise(service, ada, { goal });
    await practise(service, ada, { goal: other });
    const path = `/users/${ada.id}/goals/${goal.id}`;
    expect((await service.rest(path, { method: 'DELETE', token: ada.token })).status).toBe(200);
    const { data } = await service.graphql(STREAKS, { ref: [{ __typename: 'User', id: ada.id }] });
    const [user] = data._entities;
    expect(user).toEqual({ streak: { current: 1, totalDays: 1 }, goals: [{ id: String(other.id) }] });
    const query = 'query($id: ID!) { activity(id: $id) { goal { id } } }';
    const kept = await service.graphql(query, { id: activity.id }, { token: ada.token });
    expect(kept.data.activity).toEqual({ goal: null });
    for (const table of ['streaks', 'activity_totals', 'activity_days']) {
      const rows = await db.sql`select series from ${db.sql(table)} where auth_user_id = ${ada.id} order by series`;
      expect(rows.map(({ series }) => series)).not.toContain(`goal:${goal.id}`);
      expect(rows.map(({ series }) => series)).toContain(`goal:${other.id}`);
    }
    const [sums] =
      await db.sql`select count::int from activity_totals where auth_user_id = ${ada.id} and series = 'all'`;
    expect(sums?.count).toBe(2);
  });

  it('takes one statement', async ({ service, createUser }) => {
    const ada = await createUser();
    const goal = await createGoal(service, ada);
    await practise(service, ada, { goal });
    service.statements.clear();
    await service.rest(`/users/${ada.id}/goals/${goal.id}`, { method: 'DELETE', token: ada.token });
    expect(service.statements).toHaveLength(1);
  });

  it('among recordings for the goal leaves no row of it, without a deadlock', async ({ serve, db, createUser }) => {
    const service = await serve({ DATABASE_POOL_SIZE: '8' });
    for (let round = 0; round < 10; round++) {
      const ada = await createUser();
      const goal = await createGoal(service, ada);
      const record = () =>
        practise(service, ada, { goal }).then(
          () => 'recorded',
          (error: Error) => (JSON.parse(error.message) as { extensions: { code: string } }[])[0]?.extensions.code,
        );
      const remove = async () => {
        const path = `/users/${ada.id}/goals/${goal.id}`;
        return (await service.rest(path, { method: 'DELETE', token: ada.token })).status;
      };
      const [first, second, ...recordings] = await Promise.all([remove(), remove(), ...[1, 2, 3, 4, 5, 6].map(record)]);
      expect([first, second].sort()).toEqual([200, 404]);
      for (const outcome of recordings) expect(['recorded', 'BAD_USER_INPUT']).toContain(outcome);
      const left = await db.sql`
        select series from streaks where auth_user_id = ${ada.id} and series like 'goal:%'
        union all select series from activity_totals where auth_user_id = ${ada.id} and series like 'goal:%'
        union all select series from activity_days where auth_user_id = ${ada.id} and series like 'goal:%'`;
      expect(left).toEqual([]);
      const [user] = await db.sql`
        select goal_count, (select count(*)::int from activities a where a.auth_user_id = u.id) as activities,
          (select count::int from activity_totals t where t.auth_user_id = u.id and series = 'all') as total
        from auth_users u where id = ${ada.id}`;
      const recorded = recordings.filter((outcome) => outcome === 'recorded').length;
      expect(user).toEqual({ goal_count: 0, activities: recorded, total: recorded === 0 ? null : recorded });
    }
    expect(service.logs.filter(({ level }) => level !== 'info')).toEqual([]);
  });
});
