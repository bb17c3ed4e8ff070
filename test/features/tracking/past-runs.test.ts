import { describe, expect, goalInput } from '../../support/fixtures.ts';
import { it as base } from '../awards/tracked-awards.ts';

const CREATE_GOAL = 'mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } } }';
const AWARD = 'mutation($input: AwardBadgeInput!) { awardBadge(input: $input) { badge { id } } }';
const REVOKE = 'mutation($input: RevokeBadgeInput!) { revokeBadge(input: $input) { badge { id } } }';
const REINSTATE = 'mutation($input: ReinstateBadgeInput!) { reinstateBadge(input: $input) { badge { id } } }';

const perStreak = { repeat: 'PER_STREAK' };
const on = (date: string) => ({ verb: 'practice', occurredAt: `2026-${date}T10:00:00Z` });

/** A user on March 20, who was active on the dates. */
const it = base.extend('activeOn', async ({ trackUser }) => async (...dates: string[]) => {
  const user = await trackUser('2026-03-20T12:00:00Z');
  const importOn = (date: string) => user.record(on(date), { scope: 'activity:import' });
  for (const date of dates) await importOn(date);
  const mutate = async (query: string, input: object, scope = '') => {
    const { data, errors } = await user.service.graphql(query, { input }, { token: await user.token({ scope }) });
    expect(errors).toBeUndefined();
    return data;
  };
  return { ...user, importOn, mutate };
});

describe('the badges of past runs', () => {
  it('count a goal that was completed before the run broke, for a late activity', async ({
    activeOn,
    define,
    awards,
  }) => {
    await define({ all: [{ goalsCompleted: { gte: 1 } }, { count: { verb: 'practice', gte: 2 } }] }, perStreak);
    const { id, at, mutate, importOn } = await activeOn();
    at('2026-03-01T12:00:00Z');
    await importOn('03-01');
    at('2026-03-02T12:00:00Z');
    await mutate(CREATE_GOAL, goalInput({ status: 'COMPLETED' }));
    at('2026-03-20T12:00:00Z');
    expect(await awards(id)).toEqual([]);
    await importOn('03-01');
    expect(await awards(id)).toEqual(['run:2026-03-01 2026-03-02']);
  });

  it('leave out a goal that was completed after the run broke', async ({ activeOn, define, awards }) => {
    await define({ all: [{ goalsCompleted: { gte: 1 } }, { count: { verb: 'practice', gte: 2 } }] }, perStreak);
    const { id, at, mutate, importOn } = await activeOn('03-01');
    at('2026-03-03T12:00:00Z');
    await mutate(CREATE_GOAL, goalInput({ status: 'COMPLETED' }));
    at('2026-03-20T12:00:00Z');
    await importOn('03-01');
    expect(await awards(id)).toEqual([]);
  });

  it('are awarded for a badge that a late activity of an earlier run has completed', async ({
    activeOn,
    define,
    awards,
  }) => {
    const key = await define({ count: { verb: 'practice', gte: 2 } });
    await define({ badge: { key } }, perStreak);
    const { id, importOn } = await activeOn('03-01');
    expect(await awards(id)).toEqual([]);
    await importOn('02-20');
    expect(await awards(id)).toEqual([' 2026-03-01', 'run:2026-03-01 2026-03-01']);
  });

  it('are not awarded for a badge that the user has had for longer', async ({ activeOn, define, awards }) => {
    const key = await define({ count: { verb: 'practice', gte: 1 } });
    const { id, importOn } = await activeOn('03-01', '03-05');
    await define({ badge: { key } }, perStreak);
    await importOn('03-05');
    expect(await awards(id)).toEqual([' 2026-03-01']);
  });

  it('are awarded for a badge by hand of an earlier date, and when it is reinstated', async ({
    activeOn,
    define,
    awards,
  }) => {
    const key = await define(null);
    await define({ badge: { key } }, perStreak);
    const { id, mutate, importOn } = await activeOn('02-20', '03-01');
    const input = { userId: id, key, dateAchieved: '2026-02-25T10:00:00Z' };
    const { awardBadge } = await mutate(AWARD, input, 'badges:award');
    const earned = [' 2026-02-25', 'run:2026-03-01 2026-03-01'];
    expect(await awards(id)).toEqual(earned);
    await mutate(REVOKE, { id: awardBadge.badge.id }, 'badges:award');
    await importOn('03-05');
    expect(await awards(id)).toEqual(earned);
    await mutate(REINSTATE, { id: awardBadge.badge.id }, 'badges:award');
    expect(await awards(id)).toEqual([...earned, 'run:2026-03-05 2026-03-05']);
  });

  it('are prevented by a badge by hand only if its key is that of a run', async ({ activeOn, define, awards }) => {
    const key = await define({ count: { verb: 'practice', gte: 4 } }, perStreak);
    const { id, at, read, mutate, importOn } = await activeOn('03-01');
    const dateAchieved = '2026-03-01T10:00:00Z';
    const award = (awardKey: string) => mutate(AWARD, { userId: id, key, awardKey, dateAchieved }, 'badges:award');
    await award('run:2026-03-02 extra');
    for (const date of ['03-02', '03-03']) {
      at(`2026-${date}T12:00:00Z`);
      await importOn(date);
    }
    const { badgeProgress } = await read('badgeProgress { definition { key } badge { id } }');
    expect(badgeProgress).toContainEqual({ definition: { key }, badge: null });
    at('2026-03-20T12:00:00Z');
    await importOn('03-04');
    const earned = ['run:2026-03-01 2026-03-04', 'run:2026-03-02 extra 2026-03-01'];
    expect((await awards(id)).sort()).toEqual(earned);
    await award('run:2026-03-07');
    for (const date of ['03-06', '03-07', '03-08', '03-09']) await importOn(date);
    expect((await awards(id)).sort()).toEqual([...earned, 'run:2026-03-07 2026-03-01']);
  });
});
