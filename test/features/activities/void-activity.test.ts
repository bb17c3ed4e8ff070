import { describe, expect, it } from '../../support/fixtures.ts';
import { codeOf, RECORD, VOID } from './activity.ts';

describe('voidActivity', () => {
  it('excludes the activity from streaks, sums and calendars, keeps its row, and does so once', async ({
    service,
    db,
    createUser,
  }) => {
    const { id, token } = await createUser();
    const input = { eventId: 'a', verb: 'practice', quantity: 7, objectId: 'etude' };
    const { activity } = (await service.graphql(RECORD, { input }, { token })).data.recordActivity;
    const first = await service.graphql(VOID, { id: activity.id }, { token });
    expect(first.data.voidActivity).toEqual({
      activity: { id: activity.id, voidedAt: expect.any(String) },
      user: { streak: { current: 0, totalDays: 0 } },
    });
    const before = await db.snapshot();
    expect((await service.graphql(VOID, { id: activity.id }, { token })).data).toEqual(first.data);
    expect(await db.snapshot()).toEqual(before);
    const totals = await db.sql`
      select distinct count::int, quantity::int, days, objects from activity_totals where auth_user_id = ${id}`;
    expect([...totals]).toEqual([{ count: 0, quantity: 0, days: 0, objects: 0 }]);
    const replay = await service.graphql(RECORD, { input }, { token });
    expect(replay.data.recordActivity).toMatchObject({
      replayed: true,
      activity: { id: activity.id, voidedAt: first.data.voidActivity.activity.voidedAt },
    });
  });

  it('is allowed to the user for own verbs, and to the scope activity:write', async ({
    service,
    db,
    auth,
    createUser,
  }) => {
    const [ada, grace] = [await createUser(), await createUser()];
    const token = await auth.token('recorder', { scope: 'activity:write' });
    const reader = await auth.token('reader', { scope: 'activity:read' });
    const input = { userId: ada.id, eventId: 'exam', verb: 'exam.passed' };
    const { id } = (await service.graphql(RECORD, { input }, { token })).data.recordActivity.activity;
    const before = await db.snapshot();
    expect(codeOf(await service.graphql(VOID, { id }))).toBe('UNAUTHENTICATED');
    expect(codeOf(await service.graphql(VOID, { id: 'x' }))).toBe('UNAUTHENTICATED');
    expect(codeOf(await service.graphql(VOID, { id }, { token: grace.token }))).toBe('NOT_FOUND');
    expect(codeOf(await service.graphql(VOID, { id }, { token: reader }))).toBe('FORBIDDEN');
    expect(codeOf(await service.graphql(VOID, { id }, { token: ada.token }))).toBe('FORBIDDEN');
    expect(codeOf(await service.graphql(VOID, { id: '9007199254740991' }, { token }))).toBe('NOT_FOUND');
    expect(await db.snapshot()).toEqual(before);
    expect(codeOf(await service.graphql(VOID, { id }, { token }))).toBeUndefined();
  });
});
