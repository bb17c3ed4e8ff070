import type { SqlFragment } from '../../db/admin-connection.ts';
import { isService } from '../postgres/sessions.ts';
import { inRange } from '../v1/batches.ts';
import { actualRows, type CompareOptions, expectedRows } from './row-sources.ts';
import type { RowDifference, RowResult } from './verification.ts';

export interface ResultCount {
  result: RowResult;
  rows: number;
  /** Sums of the 64-bit hashes of the rows. */
  expectedSum: string;
  actualSum: string;
  /** The first ids. */
  ids: string[];
}

/** Compares the v1 rows, current rows and orphans of a range of ids, in one statement. */
export async function compareRange(options: CompareOptions): Promise<ResultCount[]> {
  const { sql } = options;
  return sql<ResultCount[]>`
    select result, count(*)::int as rows,
      coalesce(sum(hashtextextended(expected, 0)), 0)::text as "expectedSum",
      coalesce(sum(hashtextextended(actual, 0)), 0)::text as "actualSum",
      array_to_json((array_agg(id::text order by id))[1:10]) as ids
    from (${comparedRows(options)}) row group by result`;
}

const MIN_BIGINT = -(2n ** 63n);

/** Returns the expected and actual columns of one row. A duplicate row has several results. */
export async function compareRow(
  options: Omit<CompareOptions, 'after' | 'upTo'>,
  id: string,
): Promise<RowDifference[]> {
  const before = BigInt(id) - 1n;
  const range = { ...options, after: before < MIN_BIGINT ? null : String(before), upTo: id };
  return options.sql<RowDifference[]>`
    select id::text as id, result, expected_json as expected, actual_json as actual
    from (${comparedRows(range)}) row`;
}

function comparedRows(options: CompareOptions): SqlFragment {
  const { sql, table } = options;
  const rowRange = inRange(sql, sql`row_id`, { ...options, type: 'bigint' });
  return sql`
    select coalesce(e.id, a.id, x.row_id) as id, e.expected, a.actual, e.expected_json, a.actual_json,
      case
        when e.id is null and a.id is not null then 'unexpected'
        when e.id is null then 'orphan without v1 row'
        when x.times > 1 or (x.row_id is not null and a.id is not null) then 'duplicate'
        when x.row_data is distinct from case when x.row_id is not null then to_jsonb(e.o) end then 'altered orphan'
        when x.row_id is not null then case when e.is_orphan then 'orphan' else 'not an orphan' end
        when e.is_orphan then 'missing from the orphans'
        when a.id is null then case
          when d.by_service then 'deleted by the service'
          when d.row_id is not null then 'deleted manually'
          else 'missing' end
        when a.actual = e.expected then 'match'
        when a.is_changed and a.auth_user_id = e.owner then 'changed by the service'
        else 'different'
      end as result
    from (${expectedRows(options)}) e
    full join (${actualRows(options)}) a on a.id = e.id
    full join (
      select row_id, count(*) as times, (array_agg(row_data))[1] as row_data
      from legacy.orphans where table_name = ${table} and ${rowRange} group by row_id
    ) x on x.row_id = coalesce(e.id, a.id)
    left join (
      select row_id, bool_or(${isService(sql, sql`application`)}) as by_service
      from legacy.deletions where table_name = ${table} and ${rowRange} group by row_id
    ) d on d.row_id = e.id`;
}
