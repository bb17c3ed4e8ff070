import { readdir, readFile } from 'node:fs/promises';
import { type EnumTypeDefinitionNode, Kind, parse } from 'graphql';
import postgres from 'postgres';
import { badgeDefinitions, badgeDefinitionVersions } from '../../src/db/schema/badge-definitions.ts';
import { badges } from '../../src/db/schema/badges.ts';
import { excusedDates } from '../../src/db/schema/excused-dates.ts';
import { learningGoals } from '../../src/db/schema/goals.ts';
import { EVENT_ID, MAX_QUANTITY, OBJECT_ID } from '../../src/features/activities/activity-input.ts';
import { DEFINITION_STATES, REPEATS } from '../../src/features/badge-definitions/definition.ts';
import { DEFINITION_KEY, readRule } from '../../src/features/badge-definitions/rule.ts';
import { BADGE_RULES, type BadgeSource, type BadgeStatus } from '../../src/features/badges/badge.ts';
import {
  GOAL_RULES,
  GOAL_STATUSES,
  MAX_STREAK_COUNT,
  MAX_TARGET_QUANTITY,
  MAX_TIMES_PER_WEEK,
} from '../../src/features/goals/goal.ts';
import type { ExcuserRole } from '../../src/features/tracking/state.ts';
import { IDEMPOTENCY_KEY } from '../../src/idempotency/with-idempotency-key.ts';
import { enumName } from '../../src/lib/enum-name.ts';
import { parseInstant } from '../../src/lib/instant.ts';
import { MAX_ZONE_LENGTH } from '../../src/lib/local-date.ts';
import { REASON, readText, type TextRule } from '../../src/lib/text.ts';
import { isUserId } from '../../src/lib/user-id.ts';
import { VERB } from '../../src/lib/verb.ts';
import type { TestDatabase } from '../support/database.ts';
import { describe, expect, it } from '../support/fixtures.ts';

/** A row with the columns of a constraint. */
type Row = Record<string, unknown>;

/** Rows at the limits of the code, and whether the code accepts each. */
interface Limits {
  rows: Row[];
  accepts: (row: Row) => boolean;
}

/** The members of types, which the compiler compares with these lists. */
const SOURCES = Object.keys({ self: 0, import: 0, rule: 0, issuer: 0 } satisfies Record<BadgeSource, 0>);
const STATUSES = Object.keys({ active: 0, revoked: 0 } satisfies Record<BadgeStatus, 0>);
const EXCUSERS = Object.keys({ user: 0, service: 0 } satisfies Record<ExcuserRole, 0>);
const ENUMS = [GOAL_STATUSES, SOURCES, STATUSES, DEFINITION_STATES, REPEATS, EXCUSERS];

const ASCII = Array.from({ length: 127 }, (_, index) => String.fromCharCode(index + 1));
/** Texts of each length to one that every pattern rejects. */
const LENGTHS = Array.from({ length: 300 }, (_, length) => 'x'.repeat(length));
const valuesOf = (column: string, values: readonly unknown[]) => values.map((value) => ({ [column]: value }));

function text(column: string, rule: TextRule): Limits {
  const sizes = [0, 1, rule.min, rule.max - 1, rule.max, rule.max + 1];
  return {
    rows: valuesOf(
      column,
      ['x', 'é', '😀'].flatMap((character) => sizes.map((size) => character.repeat(size))),
    ),
    accepts: (row) => readText(String(row[column]), rule).problem === undefined,
  };
}

/** Compares each character in the first and in a later place, and each length. */
function pattern(column: string, accepts: (value: string) => boolean): Limits {
  const characters = [...ASCII, 'é', '😀'];
  const values = [...characters, ...characters.map((character) => `a${character}`), ...LENGTHS];
  return { rows: valuesOf(column, values), accepts: (row) => accepts(String(row[column])) };
}

/** Compares the lengths alone: the code accepts fewer characters than the column. */
function length(column: string, accepts: (value: string) => boolean): Limits {
  return { rows: valuesOf(column, LENGTHS), accepts: (row) => accepts(String(row[column])) };
}

function integer(column: string, min: number, max: number): Limits {
  return {
    rows: valuesOf(column, [min - 1, min, max, max + 1]),
    accepts: (row) => Number(row[column]) >= min && Number(row[column]) <= max,
  };
}

function oneOf(column: string, values: readonly string[]): Limits {
  const others = ENUMS.flat().flatMap((value) => [value, value.toUpperCase(), enumName(value), `${value} `]);
  return { rows: valuesOf(column, ['', ...others]), accepts: (row) => values.includes(String(row[column])) };
}

function instant(column: string): Limits {
  const values = ['2026-03-01T00:00:00Z', '0001-01-01T00:00:00Z', 'infinity', '-infinity'];
  return { rows: valuesOf(column, values), accepts: (row) => parseInstant(String(row[column])) !== undefined };
}

/** The longest rule: each of its conditions is alone in lists of every level. */
function longestRule(): string {
  const leaf = { count: { verb: 'v'.repeat(64), gte: 100_000_000, distinct: 'object' } };
  const nested = { all: [{ all: [{ all: [leaf] }] }] };
  return JSON.stringify(readRule({ all: Array.from({ length: 20 }, () => nested) }));
}

const rule: Limits = {
  rows: valuesOf('rule', [longestRule(), '']),
  accepts: ({ rule: json }) => json !== '' && readRule(JSON.parse(String(json))) !== undefined,
};

const AWARD = { definition_key: 'a', definition_version: 1, award_key: '' };
const LIMITS: Record<string, Limits> = {
  activities_event_id_check: length('event_id', (value) => EVENT_ID.test(value)),
  activities_object_id_check: text('object_id', OBJECT_ID),
  activities_occurred_at_check: instant('occurred_at'),
  activities_quantity_check: integer('quantity', 1, MAX_QUANTITY),
  activities_verb_check: pattern('verb', (value) => VERB.test(value)),
  auth_users_id_check: pattern('id', isUserId),
  badge_definition_revision_id_check: integer('id', 1, 1),
  badge_definition_versions_description_check: text('description', BADGE_RULES.description),
  badge_definition_versions_icon_url_check: text('icon_url', BADGE_RULES.iconUrl),
  badge_definition_versions_name_check: text('name', BADGE_RULES.name),
  badge_definition_versions_repeat_check: oneOf('repeat', REPEATS),
  badge_definition_versions_rule_check: rule,
  badge_definition_versions_version_check: integer('version', 1, 2 ** 31 - 1),
  badge_definitions_key_check: pattern('key', (value) => DEFINITION_KEY.test(value)),
  badge_definitions_state_check: oneOf('state', DEFINITION_STATES),
  badge_definitions_version_check: integer('version', 1, 2 ** 31 - 1),
  badges_date_achieved_check: instant('date_achieved'),
  badges_definition_check: {
    rows: SOURCES.flatMap((source) => [{ source }, { source, ...AWARD }, { source, ...AWARD, award_key: null }]),
    accepts: ({ source, definition_key: key = null, award_key: awardKey = null }) =>
      (source === 'rule' || source === 'issuer') === (key !== null) && (key === null) === (awardKey === null),
  },
  badges_description_check: text('description', BADGE_RULES.description),
  badges_icon_url_check: text('icon_url', BADGE_RULES.iconUrl),
  badges_name_check: text('name', BADGE_RULES.name),
  badges_source_check: oneOf('source', SOURCES),
  badges_status_check: oneOf('status', STATUSES),
  excused_dates_created_by_check: oneOf('created_by', EXCUSERS),
  excused_dates_range_check: {
    rows: ['2026-02-28', '2026-03-01', '2026-03-02'].map((to) => ({ from_date: '2026-03-01', to_date: to })),
    accepts: ({ from_date: from, to_date: to }) => String(to) >= String(from),
  },
  excused_dates_reason_check: text('reason', REASON),
  idempotency_keys_key_check: length('key', (value) => IDEMPOTENCY_KEY.test(value)),
  learning_goals_completed_at_check: {
    rows: GOAL_STATUSES.flatMap((status) => [{ status }, { status, completed_at: '2026-03-01T00:00:00Z' }]),
    accepts: ({ status, completed_at: at }) => (status === 'completed') === (at !== undefined),
  },
  learning_goals_created_at_check: instant('created_at'),
  learning_goals_description_check: text('description', GOAL_RULES.description),
  learning_goals_status_check: oneOf('status', GOAL_STATUSES),
  learning_goals_streak_count_check: integer('streak_count', 0, MAX_STREAK_COUNT),
  learning_goals_target_quantity_check: integer('target_quantity', 1, MAX_TARGET_QUANTITY),
  learning_goals_times_per_week_check: integer('times_per_week', 1, MAX_TIMES_PER_WEEK),
  learning_goals_title_check: text('title', GOAL_RULES.title),
  learning_goals_version_check: integer('version', 1, 2 ** 31 - 1),
  user_time_zones_time_zone_check: length('time_zone', (value) => value !== '' && value.length <= MAX_ZONE_LENGTH),
};

interface Check {
  name: string;
  table: string;
  expression: string;
}

async function listChecks({ sql }: TestDatabase): Promise<Check[]> {
  return sql<Check[]>`
    select conname as name, conrelid::regclass::text as table, pg_get_expr(conbin, conrelid) as expression
    from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace order by conname`;
}

/** Evaluates a constraint for a row whose other columns are null. */
async function accepts({ sql }: TestDatabase, { table, expression }: Check, row: Row): Promise<boolean> {
  const query = `select (${expression}) is not false as accepted from json_populate_record(null::${table}, $1::text::json)`;
  try {
    const [result] = await sql.unsafe(query, [JSON.stringify(row)]);
    return result?.accepted;
  } catch (error) {
    // numeric_value_out_of_range: the type of the column is its maximum.
    if (error instanceof postgres.PostgresError && error.code === '22003') return false;
    throw error;
  }
}

/** Returns the values of the enums of the GraphQL schema, by name. */
async function graphqlEnums(): Promise<Map<string, string[]>> {
  const files = (await readdir('schema')).filter((name) => name.endsWith('.graphql'));
  const sources = await Promise.all(files.map((name) => readFile(`schema/${name}`, 'utf8')));
  const definitions = sources.flatMap((source) => parse(source).definitions);
  const enums = definitions.filter((one): one is EnumTypeDefinitionNode => one.kind === Kind.ENUM_TYPE_DEFINITION);
  return new Map(enums.map(({ name, values = [] }) => [name.value, values.map((value) => value.name.value)]));
}

describe('the check constraints of the database', () => {
  it('are all compared with the limits of the code', async ({ db }) => {
    expect((await listChecks(db)).map(({ name }) => name)).toEqual(Object.keys(LIMITS));
  });

  it.for(Object.keys(LIMITS))('accept the rows that the code accepts: %s', async (name, { db }) => {
    const limits = LIMITS[name] as Limits;
    const check = (await listChecks(db)).find((one) => one.name === name) as Check;
    const verdicts = await Promise.all(
      limits.rows.map(async (row) => ({ row, isAccepted: await accepts(db, check, row) })),
    );
    expect(verdicts).toEqual(limits.rows.map((row) => ({ row, isAccepted: limits.accepts(row) })));
    expect(new Set(verdicts.map(({ isAccepted }) => isAccepted))).toEqual(new Set([true, false]));
  });
});

describe('the values of an enum', () => {
  it.for([
    ['GoalStatus', GOAL_STATUSES, learningGoals.status],
    ['BadgeSource', SOURCES, badges.source],
    ['BadgeStatus', STATUSES, badges.status],
    ['BadgeDefinitionState', DEFINITION_STATES, badgeDefinitions.state],
    ['BadgeRepeat', REPEATS, badgeDefinitionVersions.repeat],
  ] as const)('are the same in the code, the schema and the table: %s', async ([name, values, column]) => {
    expect((await graphqlEnums()).get(name)).toEqual(values.map(enumName));
    expect(column.enumValues).toEqual(values);
  });

  it('are the same in the code and the table: ExcuserRole', () => {
    expect(excusedDates.createdBy.enumValues).toEqual(EXCUSERS);
  });
});
