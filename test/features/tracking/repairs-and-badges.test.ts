import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/tracked-user.ts';

const DEFINE = `mutation($input: CreateBadgeDefinitionInput!) {
  createBadgeDefinition(input: $input) { definition { key } } }`;

const definition = (repeat: string) => ({
  key: repeat.toLowerCase().replace('_', '-'),
  name: repeat,
  description: 'Four days in a row',
  iconUrl: '/icons/four.svg',
  rule: { streak: { gte: 4 } },
  repeat,
  state: 'ACTIVE',
});

describe('a repair', () => {
  it('awards the badges of the longer streak, each once', async ({ trackUser, db }) => {
    const { id, service, token, record, repair, send, at, read } = await trackUser('2026-03-01T10:00:00Z');
    const manager = await token({ scope: 'badges:manage' });
    for (const repeat of ['ONCE', 'PER_STREAK']) {
      const { errors } = await service.graphql(DEFINE, { input: definition(repeat) }, { token: manager });
      expect(errors).toBeUndefined();
    }
    for (const day of ['01', '02', '04', '05']) {
      at(`2026-03-${day}T10:00:00Z`);
      expect((await record()).result.badges).toEqual([]);
    }
    at('2026-03-05T12:00:00Z');
    const { result } = await repair('2026-03-03', '2026-03-03');
    const at10 = '2026-03-05T10:00:00Z';
    const earned = [
      { name: 'ONCE', dateAchieved: at10 },
      { name: 'PER_STREAK', dateAchieved: at10 },
    ];
    const badges = async () => (await read('badges { name dateAchieved }')).badges;
    expect(await badges()).toEqual(expect.arrayContaining(earned));
    const evidence = await db.sql`select activity_ids from badge_evidence where auth_user_id = ${id}`;
    expect(evidence.map((row) => JSON.parse(row.activity_ids).length)).toEqual([4, 4]);
    await send('cancelExcusedDates', { id: result.excusedDates.id }, { scope: 'streaks:write' });
    await repair('2026-03-03', '2026-03-03');
    expect(await badges()).toHaveLength(2);
  });
});
