import type { Sql } from 'postgres';
import { VERB } from './insert-activities.ts';

const DEFINITIONS = 100;
/** The rules that name the verb of the activities. No user comes near them, so that no recording earns a badge. */
const RULES = [
  { count: { verb: VERB, gte: 100_000 } },
  { sum: { verb: VERB, gte: 1_000_000 } },
  { count: { verb: VERB, gte: 100_000, distinct: 'object' } },
  { count: { verb: VERB, gte: 10_000, distinct: 'date' } },
  { all: [{ count: { verb: VERB, gte: 50_000 } }, { streak: { gte: 10_000 } }] },
];

/** Inserts 100 active definitions, in place of those that are there: five name the verb of the activities. */
export async function insertDefinitions(sql: Sql): Promise<void> {
  const rules = Array.from(
    { length: DEFINITIONS },
    (_, n) => RULES[n] ?? { count: { verb: `course-${n}.completed`, gte: 10 } },
  );
  await sql`delete from badge_definition_versions`;
  await sql`delete from badge_definitions`;
  await sql`
    insert into badge_definitions (key, state, version, created_at, updated_at)
    select 'bench-' || n, 'active', 1, now(), now() from generate_series(1, ${DEFINITIONS}::int) n`;
  await sql`
    insert into badge_definition_versions (key, version, name, description, icon_url, rule, repeat, created_at)
    select 'bench-' || n, 1, 'Badge number ' || n, 'For lessons', 'https://cdn.example.org/badges/lessons.svg', rule, 'once', now()
    from unnest(${rules.map((rule) => JSON.stringify(rule))}::text[]) with ordinality as rules(rule, n)`;
  await sql`update badge_definition_revision set revision = revision + 1`;
}
