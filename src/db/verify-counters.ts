import { type AdminConnection, openAdminConnection, type Sql } from './admin-connection.ts';

/** Users that a statement compares: its locks, with `repair`, delay writes for a few milliseconds. */
const BATCH_SIZE = 500;
/** Differences that a verification lists. */
const MAX_DIFFERENCES = 10;

export interface CounterDifference {
  userId: string;
  counter: 'badge_count' | 'goal_count';
  value: number | null;
  rows: number;
}

export interface CounterVerification {
  users: number;
  /** The number of counters that are null, and of those that differ from the number of rows. */
  unknown: number;
  wrong: number;
  /** The first wrong counters. */
  differences: CounterDifference[];
}

interface CountedUser {
  id: string;
  badge_count: number | null;
  goal_count: number | null;
  badges: number;
  goals: number;
}

/**
 * Compares the counters of `auth_users` with the rows that they count, in batches. A batch is one statement, so that the
 * service may write at the same time. `repair` also sets every unknown or wrong counter.
 */
export async function verifyCounters(
  databaseUrl: string,
  { repair }: { repair: boolean },
): Promise<CounterVerification> {
  const connection = await openAdminConnection(databaseUrl, { application_name: 'user-service verify' });
  try {
    const result: CounterVerification = { users: 0, unknown: 0, wrong: 0, differences: [] };
    let after: string | undefined = '';
    while (after !== undefined) {
      const users: CountedUser[] = repair ? await repairBatch(connection, after) : await readBatch(connection, after);
      for (const user of users) add(result, user);
      after = users.length < BATCH_SIZE ? undefined : users.at(-1)?.id;
    }
    return result;
  } finally {
    await connection.end({ timeout: 5 });
  }
}

/** Locks the users before the statement that counts, whose snapshot then has every row of earlier writes. */
function repairBatch(connection: AdminConnection, after: string): Promise<CountedUser[]> {
  return connection.begin(async (tx) => {
    await tx`select from public.auth_users where id > ${after} order by id limit ${BATCH_SIZE} for update`;
    const users = await readBatch(tx, after);
    const changed = users.filter((user) => user.badge_count !== user.badges || user.goal_count !== user.goals);
    for (const { id, badges, goals } of changed) {
      await tx`
        update public.auth_users set badge_count = ${badges}::int, goal_count = ${goals}::int where id = ${id}`;
    }
    return users;
  }) as Promise<CountedUser[]>;
}

async function readBatch(sql: Sql, after: string): Promise<CountedUser[]> {
  return sql<CountedUser[]>`
    select u.id, u.badge_count, u.goal_count,
      (select count(*)::int from public.badges where auth_user_id = u.id) as badges,
      (select count(*)::int from public.learning_goals where auth_user_id = u.id) as goals
    from public.auth_users u where u.id > ${after} order by u.id limit ${BATCH_SIZE}`;
}

function add(result: CounterVerification, user: CountedUser): void {
  result.users++;
  compare(result, { userId: user.id, counter: 'badge_count', value: user.badge_count, rows: user.badges });
  compare(result, { userId: user.id, counter: 'goal_count', value: user.goal_count, rows: user.goals });
}

function compare(result: CounterVerification, difference: CounterDifference): void {
  if (difference.value === null) result.unknown++;
  else if (difference.value !== difference.rows) {
    result.wrong++;
    if (result.differences.length < MAX_DIFFERENCES) result.differences.push(difference);
  }
}
