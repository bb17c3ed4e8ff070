import type { ListPerUser } from '../db/query/list-per-user.ts';
import type { RequestContext } from '../request-context.ts';

/** A list with all columns, and with those of the fields that most clients select. */
interface ListVersions<Row extends BasicRow, BasicRow> {
  /** The GraphQL type of its rows. */
  type: string;
  all: ListPerUser<Row>;
  basic: ListPerUser<BasicRow>;
  /** The fields of the type whose resolvers read no more than the columns of `basic`. */
  basicFields: ReadonlySet<string>;
}

/**
 * Returns the list whose columns suffice for the fields of the request's GraphQL document. Rows of the basic list lack
 * the other columns, which no selected field reads (docs/decisions/0027). A field that is not named as basic needs all.
 */
export function listForSelection<Row extends BasicRow, BasicRow>(
  { selectedFields }: RequestContext,
  { type, all, basic, basicFields }: ListVersions<Row, BasicRow>,
): ListPerUser<Row> {
  const selected = selectedFields?.get(type);
  const isBasic =
    selected !== undefined && [...selected].every((name) => basicFields.has(name) || name.startsWith('__'));
  return isBasic ? (basic as unknown as ListPerUser<Row>) : all;
}
