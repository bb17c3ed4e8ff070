import type { Column, GetColumnData, SQL } from 'drizzle-orm';
import { Column as ColumnClass, is } from './drizzle.ts';

/** What a statement selects, by the names that its rows will have; in the order of the statement. */
export type Selection = Readonly<Record<string, Column | SQL>>;

export type RowOf<Columns extends Selection> = {
  [Name in keyof Columns]: Columns[Name] extends Column
    ? GetColumnData<Columns[Name]>
    : Columns[Name] extends SQL<infer Value>
      ? Value
      : never;
};

type Decode = (value: unknown) => unknown;

/**
 * Makes an object of a row that came as an array. Compiled from the names of our columns, so that the engine knows the
 * object's shape: drizzle's own mapper, which does not, takes more of a list's time than PostgreSQL's answer does
 * (docs/PERFORMANCE.md).
 */
export function rowReader<Columns extends Selection>(columns: Columns): (row: unknown[]) => RowOf<Columns> {
  const decoders = Object.values(columns).map(decoderOf);
  const fields = Object.keys(columns).map((name, at) => {
    const value = `row[${at}]`;
    return `${name}: ${decoders[at] === undefined ? value : `${value} === null ? null : decoders[${at}](${value})`}`;
  });
  return new Function('decoders', `return (row) => ({ ${fields.join(', ')} })`)(decoders);
}

/** Undefined where the driver's value is the value. */
function decoderOf(column: Column | SQL): Decode | undefined {
  if (!is(column, ColumnClass)) {
    const { decoder } = column as unknown as { decoder: { mapFromDriverValue: Decode } };
    return (value) => decoder.mapFromDriverValue(value);
  }
  if (column.mapFromDriverValue === ColumnClass.prototype.mapFromDriverValue) return undefined;
  return (value) => column.mapFromDriverValue(value);
}
