import type { Column, GetColumnData, SQL } from 'drizzle-orm';
import { DECODERS, type Decode, integerAt, oneOf, textAt } from './decoders.ts';
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

/** Reads a row from the fields of PostgreSQL's DataRow message: for each its length, -1 for null, and its text. */
export type RowReader<Row> = (bytes: Buffer, start: number) => Row;

/**
 * Makes an object of a row as it comes over the wire, and nothing else on the way: what a list costs is mostly the
 * objects that are made for it (docs/PERFORMANCE.md). Compiled from the names of our columns, so that the engine knows
 * the object's shape.
 */
export function rowReader<Columns extends Selection>(columns: Columns): RowReader<RowOf<Columns>> {
  const names = Object.keys(columns);
  const decoders = Object.values(columns).map(decoderOf);
  const reads = names.map(
    (name, at) => `
      length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      at += 4;
      const ${name} = length < 0 ? null : decode${at}(bytes, at, (at += length));`,
  );
  // A literal would be taken for long-lived by the engine, and with it all text in it.
  const body = `
    function Row(${names.join()}) { ${names.map((name) => `this.${name} = ${name};`).join(' ')} }
    Row.prototype = Object.prototype;
    return (bytes, at) => {
      let length;
      ${reads.join('')}
      return new Row(${names.join()});
    };`;
  return new Function(...decoders.map((_, at) => `decode${at}`), body)(...decoders);
}

/** Expressions of ours that are mapped with `Number` are whole ones. */
function decoderOf(column: Column | SQL): Decode {
  if (!is(column, ColumnClass)) {
    const { decoder } = column as unknown as { decoder: { mapFromDriverValue(text: string): unknown } };
    if (decoder.mapFromDriverValue === Number) return integerAt;
    return (bytes, start, end) => decoder.mapFromDriverValue(textAt(bytes, start, end));
  }
  if (column.enumValues !== undefined) return oneOf(column.enumValues);
  const decode = DECODERS[column.getSQLType()];
  if (decode === undefined) throw new Error(`nothing decodes a ${column.getSQLType()}`);
  return decode;
}
