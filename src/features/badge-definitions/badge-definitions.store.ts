import type { Db } from '../../db/client.ts';
import { and, eq, sql } from '../../db/driver/drizzle.ts';
import { batchAcrossRequests } from '../../db/query/cross-request-batching.ts';
import { preparedQuery, single, textArray } from '../../db/query/prepared-query.ts';
import {
  badgeDefinitions as definitions,
  badgeDefinitionRevision as revisions,
  badgeDefinitionVersions as versions,
} from '../../db/schema/badge-definitions.ts';
import type { BadgeDefinition, DefinitionContent } from './definition.ts';
import { badgeKeysOf, type Rule } from './rule.ts';

const content = {
  name: versions.name,
  description: versions.description,
  iconUrl: versions.iconUrl,
  rule: versions.rule,
  repeat: versions.repeat,
};
const columns = { key: definitions.key, state: definitions.state, version: definitions.version, ...content };

const isCurrent = and(eq(versions.key, definitions.key), eq(versions.version, definitions.version));
const isAsked = sql`${definitions.key} = any(${sql.placeholder('keys')}::text[])`;

interface Row extends Omit<BadgeDefinition, 'rule'> {
  rule: string | null;
}

function toDefinition(row: Row): BadgeDefinition {
  return { ...row, rule: parseRule(row.rule) };
}

function parseRule(rule: string | null): Rule | null {
  return rule === null ? null : JSON.parse(rule);
}

const findQuery = preparedQuery(columns, (db) =>
  db.select(columns).from(definitions).innerJoin(versions, isCurrent).where(isAsked),
);

async function findNow(db: Db, keys: readonly string[]): Promise<(BadgeDefinition | null)[]> {
  const rows = await findQuery(db, { keys: textArray(keys) });
  const byKey = new Map(rows.map((row) => [row.key, toDefinition(row)]));
  return keys.map((key) => byKey.get(key) ?? null);
}

/** Returns the definitions with the keys, in their order; null for a key without a definition. */
export const findDefinitions = batchAcrossRequests(findNow);

const listQuery = preparedQuery(columns, (db) =>
  db
    .select(columns)
    .from(definitions)
    .innerJoin(versions, isCurrent)
    .where(
      sql`${definitions.key} > ${sql.placeholder('after')}
        and (${definitions.state} <> 'draft' or ${sql.placeholder('withDrafts')}::boolean)`,
    )
    .orderBy(definitions.key)
    .limit(sql.placeholder('limit')),
);

/** Returns the definitions whose keys follow `after`, which is empty for the first ones, in the order of their keys. */
export async function listDefinitions(
  db: Db,
  page: { after: string; limit: number; withDrafts: boolean },
): Promise<BadgeDefinition[]> {
  return (await listQuery(db, page)).map(toDefinition);
}

const activeColumns = { revision: revisions.revision, ...columns };
const activeQuery = preparedQuery(activeColumns, (db) =>
  db
    .select(activeColumns)
    .from(revisions)
    .leftJoin(definitions, eq(definitions.state, sql`'active'`))
    .leftJoin(versions, isCurrent)
    .orderBy(definitions.key),
);

/** Returns the active definitions in the order of their keys, with the revision of the same snapshot. */
export async function findActive(db: Db): Promise<{ revision: number; definitions: BadgeDefinition[] }> {
  // NOTE: without an active definition, the outer join returns one row whose other columns are null
  const rows = (await activeQuery(db, {})) as ({ revision: number } & (Row | Record<keyof Row, null>))[];
  const active = rows.flatMap(({ revision: _, ...row }) => (row.key === null ? [] : toDefinition(row)));
  if (rows[0] === undefined) throw new Error('the table badge_definition_revision has no row');
  return { revision: rows[0].revision, definitions: active };
}

const versionColumns = { key: versions.key, version: versions.version, ...content };
const versionsQuery = preparedQuery(versionColumns, (db) =>
  db
    .select(versionColumns)
    .from(versions)
    .where(
      sql`(${versions.key}, ${versions.version}) in
        (select * from unnest(${sql.placeholder('keys')}::text[], ${sql.placeholder('versions')}::int[]))`,
    ),
);

/** The name of a version, such as `first-steps@3`. */
type VersionName = `${string}@${number}`;

/** Returns the contents of the versions, in their order; null for a version that is not there. */
export const findVersions = batchAcrossRequests(
  async (db: Db, names: readonly VersionName[]): Promise<(DefinitionContent | null)[]> => {
    const parts = names.map((name) => name.split('@'));
    const rows = await versionsQuery(db, {
      keys: textArray(parts.map(([key = '']) => key)),
      versions: `{${parts.map(([, version]) => version).join(',')}}`,
    });
    const found = new Map(
      rows.map(({ key, version, rule, ...words }) => [`${key}@${version}`, { ...words, rule: parseRule(rule) }]),
    );
    return names.map((name) => found.get(name) ?? null);
  },
);

const revisionColumns = { revision: revisions.revision };
const revisionQuery = preparedQuery(revisionColumns, (db) => db.select(revisionColumns).from(revisions));
const lockQuery = preparedQuery(revisionColumns, (tx) => tx.select(revisionColumns).from(revisions).for('update'));
const advanceQuery = preparedQuery(revisionColumns, (tx) =>
  tx
    .update(revisions)
    .set({
      revision: sql`greatest(${revisions.revision} + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint)`,
    })
    .where(eq(revisions.id, sql`1`))
    .returning(revisionColumns),
);

/** Returns the revision of the active definitions, which each change of one of them increases. */
export async function findDefinitionRevision(db: Db): Promise<number> {
  return single(await revisionQuery(db, {})).revision;
}

/** Makes other writes of definitions wait for the end of the transaction. Reads never wait. */
export async function lockDefinitions(tx: Db): Promise<void> {
  single(await lockQuery(tx, {}));
}

/**
 * Makes all replicas load the definitions again, as soon as the transaction is committed. A revision is the time in
 * microseconds, below 2^53 until the year 2255. After a failover that has lost a change, no later change has its
 * revision.
 */
export async function advanceRevision(tx: Db): Promise<void> {
  single(await advanceQuery(tx, {}));
}

const keyColumn = { key: definitions.key };
const insertQuery = preparedQuery(keyColumn, (tx) =>
  tx
    .insert(definitions)
    .values({
      key: sql.placeholder('key'),
      state: sql.placeholder('state'),
      version: sql.placeholder('version'),
      createdAt: sql.placeholder('now'),
      updatedAt: sql.placeholder('now'),
    })
    .onConflictDoNothing()
    .returning(keyColumn),
);

/** Returns false when the key is taken. */
export async function insertDefinition(tx: Db, definition: BadgeDefinition, now: string): Promise<boolean> {
  return (await insertQuery(tx, { ...definition, now })).length > 0;
}

const insertVersionQuery = preparedQuery({ key: versions.key }, (tx) =>
  tx
    .insert(versions)
    .values({
      key: sql.placeholder('key'),
      version: sql.placeholder('version'),
      name: sql.placeholder('name'),
      description: sql.placeholder('description'),
      iconUrl: sql.placeholder('iconUrl'),
      rule: sql.placeholder('rule'),
      repeat: sql.placeholder('repeat'),
      createdAt: sql.placeholder('now'),
    })
    .returning({ key: versions.key }),
);

export async function insertVersion(tx: Db, definition: BadgeDefinition, now: string): Promise<void> {
  const rule = definition.rule === null ? null : JSON.stringify(definition.rule);
  single(await insertVersionQuery(tx, { ...definition, rule, now }));
}

const updateQuery = preparedQuery(keyColumn, (tx) =>
  tx
    .update(definitions)
    .set({
      state: sql`${sql.placeholder('state')}`,
      version: sql`${sql.placeholder('version')}`,
      updatedAt: sql`${sql.placeholder('now')}`,
    })
    .where(eq(definitions.key, sql.placeholder('key')))
    .returning(keyColumn),
);

/** Saves the state and the number of the current version. */
export async function saveDefinition(tx: Db, definition: BadgeDefinition, now: string): Promise<void> {
  single(await updateQuery(tx, { ...definition, now }));
}

const isUnarchived = sql`${definitions.state} <> 'archived'`;
const countColumns = { count: sql<number>`count(*)`.mapWith(Number) };
const countQuery = preparedQuery(countColumns, (tx) => tx.select(countColumns).from(definitions).where(isUnarchived));

/** Returns the number of definitions that are not archived. */
export async function countUnarchived(tx: Db): Promise<number> {
  return single(await countQuery(tx, {})).count;
}

const ruleColumns = { key: definitions.key, rule: versions.rule };
const badgeRulesQuery = preparedQuery(ruleColumns, (tx) =>
  tx
    .select(ruleColumns)
    .from(definitions)
    .innerJoin(versions, isCurrent)
    .where(and(isUnarchived, sql`${versions.rule} like '%{"badge":%'`)),
);

/**
 * Returns the definitions that each rule asks for, by the key of the rule's definition. Archived ones, of which there
 * can be any number, are left out: they award no badge.
 */
export async function badgeKeysByDefinition(tx: Db): Promise<Map<string, Set<string>>> {
  const rows = await badgeRulesQuery(tx, {});
  return new Map(rows.map(({ key, rule }) => [key, badgeKeysOf(JSON.parse(String(rule)))]));
}
