import { addDays, dateAt, type LocalDate } from '../../src/lib/local-date.ts';
import { DEMO_DEFINITIONS } from './definitions.ts';
import type { Execute } from './graphql-client.ts';
import { adasActivities, type DemoActivity, gracesActivities, historyOf } from './history.ts';

/** The clients of the demo users. */
export interface DemoClients {
  ada: Execute;
  grace: Execute;
  /** With every scope. */
  platform: Execute;
}

interface TrackedUser {
  /** In the zone of the first start, so that later starts have the same. */
  startedOn: LocalDate;
  /** In the zone of the user, who may have changed it. */
  today: LocalDate;
  goals: Map<string, string>;
  hasExcusedDates: boolean;
}

const ZONES = { ada: 'Europe/London', grace: 'America/New_York' };

/** Defines the badges of the demo. Keeps existing definitions. It comes before the activities that earn the badges. */
export async function defineDemoBadges(platform: Execute): Promise<void> {
  const { badgeDefinitions } = await platform<{ badgeDefinitions: { key: string }[] }>(DEFINITIONS);
  const keys = new Set(badgeDefinitions.map(({ key }) => key));
  for (const input of DEMO_DEFINITIONS) if (!keys.has(input.key)) await platform(DEFINE, { input });
}

/**
 * Gives the demo users excused dates, a history of activities up to yesterday and an award by hand. A later start adds
 * the days since then; activities that are recorded already stay as they are.
 */
export async function seedTracker({ ada, grace, platform }: DemoClients): Promise<void> {
  const adaNow = await prepareUser(ada, ZONES.ada);
  const graceNow = await prepareUser(grace, ZONES.grace);
  const history = historyOf(adaNow.startedOn);
  if (!adaNow.hasExcusedDates) {
    const holiday = { from: addDays(adaNow.today, 14), to: addDays(adaNow.today, 20), reason: 'Holiday in Ockham' };
    await platform(EXCUSE, { input: { userId: 'ada', ...history.excused, reason: 'The platform was down' } });
    await ada(EXCUSE, { input: holiday });
  }
  // One user after the other, so that the ids are the same in every new database.
  await record(platform, adasActivities(history, adaNow.today, adaNow.goals));
  await record(platform, gracesActivities(graceNow.startedOn, graceNow.today, graceNow.goals));
  await platform(AWARD, { input: { userId: 'grace', key: 'mentor' } });
}

/** Sets the user's zone, unless there is one already. */
async function prepareUser(execute: Execute, zone: string): Promise<TrackedUser> {
  const { viewer } = await execute<ViewerData>(VIEWER);
  const timeZone = viewer.timeZone === 'UTC' ? zone : viewer.timeZone;
  if (timeZone !== viewer.timeZone) await execute(SET_ZONE, { input: { timeZone } });
  const oldest = viewer.goals.at(-1)?.createdAt ?? new Date().toISOString();
  return {
    startedOn: dateAt(oldest, zone),
    today: dateAt(new Date().toISOString(), timeZone),
    goals: new Map(viewer.goals.map(({ title, id }) => [title, id])),
    hasExcusedDates: viewer.excusedDates.length > 0,
  };
}

/** An activity that a developer has changed since, such as by a new goal, is CONFLICT, and stays as it is. */
async function record(platform: Execute, activities: DemoActivity[]): Promise<void> {
  const { recordActivities } = await platform<RecordData>(RECORD, { input: { activities } });
  const invalid = recordActivities.results.find(({ status }) => status === 'INVALID');
  if (invalid) throw new Error(`The demo data have an invalid activity: ${invalid.message}`);
}

interface ViewerData {
  viewer: {
    timeZone: string;
    excusedDates: unknown[];
    goals: { id: string; title: string; createdAt: string }[];
  };
}

interface RecordData {
  recordActivities: { results: { status: string; message: string | null }[] };
}

const DEFINITIONS = '{ badgeDefinitions(first: 500) { key } }';
const DEFINE = `mutation ($input: CreateBadgeDefinitionInput!) {
  createBadgeDefinition(input: $input) { definition { key } }
}`;
const VIEWER = '{ viewer { timeZone excusedDates { id } goals(first: 500) { id title createdAt } } }';
const SET_ZONE = 'mutation ($input: SetTimeZoneInput!) { setTimeZone(input: $input) { timeZone } }';
const RECORD = `mutation ($input: RecordActivitiesInput!) {
  recordActivities(input: $input) { results { status message } }
}`;
const EXCUSE = 'mutation ($input: ExcuseDatesInput!) { excuseDates(input: $input) { excusedDates { id } } }';
const AWARD = 'mutation ($input: AwardBadgeInput!) { awardBadge(input: $input) { badge { id } } }';
