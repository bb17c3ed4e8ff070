import fc from 'fast-check';
import { vi } from 'vitest';
import { it as base, describe, expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { trackerOf } from '../awards/tracker.ts';
import { type Round, rounds } from './award-histories.ts';
import { earn, progressOf, replayOf } from './naive-awards.ts';
import { addDefinition, CLAIMS, type Recorded, recordRound, type World } from './recorded-histories.ts';
import type { Subject } from './step-mutations.ts';

const SEED = Number(process.env.FC_SEED ?? 20_260_301);
const SCALE = Number(process.env.FC_SCALE ?? 1);
/** Badges with evidence and users of one query, within the limits of operations. */
const MAX_EVIDENCE = 50;
const MAX_USERS = 4;

const SHOWN = `query($users: [_Any!]!) { _entities(representations: $users) { ... on User {
  badges(first: 50) { id evidence { replay } }
  badgeProgress { definition { key } current target ratio badge { id } } } } }`;
const BACKFILL = 'mutation($key: ID!) { startBadgeBackfill(input: { key: $key }) { backfill { id } } }';

interface BadgeRow {
  id: string;
  userId: string;
  key: string;
  awardKey: string;
  at: string;
}

const it = base.extend('world', async ({ serve, auth, db }): Promise<World> => {
  const clock = { now: 0 };
  const service = await serve({}, { now: () => new Date(clock.now) });
  return { service, auth, db, clock, tracker: await trackerOf(service, auth, CLAIMS) };
});

/** Steps after which a rule may no longer hold for an award. A flight west makes dates without activity open again. */
const DRIFTING: readonly string[] = ['void', 'reopen', 'cancel', 'revoke', 'zone'];

/** Returns the awards, the replays of those by rules, and the progress towards each badge, as they are expected. */
function expectedOf({ naive }: Subject, { definitions }: Recorded, now: number) {
  const awards = naive.awards.map((award) => {
    const definition = definitions.find(({ key }) => key === award.key);
    const replay = definition === undefined || award.isByHand ? null : replayOf(definition, naive, { award, now });
    const at = new Date(award.at).toISOString();
    return [`${award.key} ${award.awardKey}`, { at, replay: award.isRevoked ? 'revoked' : replay }];
  });
  const ruled = definitions.filter(({ rule }) => rule !== null);
  const progress = ruled.map((definition) => [definition.key, progressOf(definition, naive, now)]);
  return { awards: Object.fromEntries(awards), progress: Object.fromEntries(progress) };
}

function shownOf({ badges, badgeProgress }: Json, rows: readonly BadgeRow[]) {
  const awardKeys = new Map(rows.map(({ id, awardKey }) => [id, awardKey]));
  const replays = new Map(badges.map(({ id, evidence }: Json) => [id, evidence?.replay ?? null]));
  const awards = rows.map(({ id, key, awardKey, at }) => {
    const replay = replays.has(id) ? replays.get(id) : 'revoked';
    return [`${key} ${awardKey}`, { at: new Date(at).toISOString(), replay }];
  });
  const progress = badgeProgress.map(({ definition, badge, ...numbers }: Json) => {
    return [definition.key, { ...numbers, badge: badge && awardKeys.get(badge.id) }];
  });
  return { awards: Object.fromEntries(awards), progress: Object.fromEntries(progress) };
}

async function badgeRows({ db: { sql } }: World, subjects: readonly Subject[]): Promise<Map<string, BadgeRow[]>> {
  const ids = subjects.map(({ id }) => id);
  const rows = await sql<BadgeRow[]>`
    select id, auth_user_id as "userId", definition_key as key, award_key as "awardKey", date_achieved::text as at
    from badges where auth_user_id = any(${ids})`;
  return Map.groupBy(rows, ({ userId }) => userId);
}

/** Divides users into those of one query each. */
function chunksOf(subjects: readonly Subject[], rows: ReadonlyMap<string, readonly BadgeRow[]>): Subject[][] {
  const chunks: Subject[][] = [];
  let badges = 0;
  for (const subject of subjects) {
    const chunk = chunks.at(-1);
    const count = rows.get(subject.id)?.length ?? 0;
    badges += count;
    if (chunk !== undefined && chunk.length < MAX_USERS && badges <= MAX_EVIDENCE) chunk.push(subject);
    else {
      chunks.push([subject]);
      badges = count;
    }
  }
  return chunks;
}

async function expectNaive(world: World, recorded: Recorded): Promise<void> {
  const { definitions, subjects } = recorded;
  const rows = await badgeRows(world, subjects);
  for (const chunk of chunksOf(subjects, rows)) {
    const users = chunk.map(({ id }) => ({ __typename: 'User', id }));
    const { _entities } = await world.tracker.query(SHOWN, { users });
    for (const [index, subject] of chunk.entries()) {
      const shown = shownOf(_entities[index], rows.get(subject.id) ?? []);
      const message = `${new Date(world.clock.now).toISOString()} ${JSON.stringify({ definitions, subject })}`;
      expect(shown, message).toEqual(expectedOf(subject, recorded, world.clock.now));
      if (!subject.steps.some(({ kind }) => DRIFTING.includes(kind)))
        expect(JSON.stringify(shown)).not.toContain('DRIFTED');
    }
  }
}

async function backfill({ tracker, db: { sql } }: World, key: string): Promise<void> {
  await tracker.query(BACKFILL, { key });
  const isFinished = async () =>
    (await sql`select 1 from badge_backfills where definition_key = ${key} and finished_at is not null`).length === 1;
  await vi.waitUntil(isFinished, { timeout: 120_000 });
}

/** Runs the check after each round, whose definitions are archived afterwards. */
async function afterEachRound(
  world: World,
  samples: readonly Round[],
  check: (recorded: Recorded, round: Round) => Promise<void>,
): Promise<void> {
  for (const round of samples) {
    const recorded = await recordRound(world, round);
    try {
      await check(recorded, round);
    } finally {
      await Promise.all(recorded.definitions.map(({ key }) => world.tracker.update({ key, state: 'ARCHIVED' })));
    }
  }
}

describe('the awards of a history, their replays and the progress towards each badge', () => {
  it('equal a naive evaluation after a backfill', { timeout: 400_000 }, async ({ world }) => {
    const samples = fc.sample(rounds(3), { seed: SEED, numRuns: 2 * SCALE });
    await afterEachRound(world, samples, async (recorded, { late }) => {
      const { subjects, definitions } = recorded;
      for (const definition of late) {
        const key = await addDefinition(world, definitions, definition);
        await backfill(world, key);
        for (const { naive } of subjects) earn(naive, definitions, { now: world.clock.now, backfill: key });
      }
      await expectNaive(world, recorded);
    });
  });

  it('equal a naive evaluation', { timeout: 800_000 }, async ({ world }) => {
    const samples = fc.sample(rounds(0), { seed: SEED, numRuns: 20 * SCALE });
    await afterEachRound(world, samples, (recorded) => expectNaive(world, recorded));
  });
});
