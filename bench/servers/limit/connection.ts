import { sql } from './database.ts';

interface Variables {
  r: { id: string }[];
  after: string | null;
}

/** Returns a page of a user's badges with the total count. */
export async function connection({ r, after }: Variables): Promise<string> {
  const id = r[0]?.id ?? '';
  const [at = 'infinity', rowId = '0'] = after === null ? [] : Buffer.from(after, 'base64url').toString().split(' ');
  const [rows, [total]] = await Promise.all([
    sql`
      select id, name, date_achieved from badges
      where auth_user_id = ${id} and (date_achieved, id) < (${at}, ${rowId}::bigint)
      order by date_achieved desc, id desc limit 6`,
    sql`select count(*)::int as count from badges where auth_user_id = ${id}`,
  ]);
  const nodes = rows
    .slice(0, 5)
    .map((row) => ({ id: String(row.id), name: row.name, dateAchieved: row.date_achieved as string }));
  const last = nodes.at(-1);
  const endCursor = last ? Buffer.from(`${last.dateAchieved} ${last.id}`).toString('base64url') : null;
  const pageInfo = { hasNextPage: rows.length > 5, endCursor };
  return JSON.stringify({
    data: { _entities: [{ badgesConnection: { totalCount: total?.count, pageInfo, nodes } }] },
  });
}
