import type { Column, GetColumnData, SQL } from 'drizzle-orm';
import { Column as ColumnClass, is } from '../driver/drizzle.ts';
import { COLUMN_DECODERS, type Decode, decodeInteger, decodeText, enumDecoder } from './column-decoders.ts';

/** The columns of a query in its order, or their decoders, by the property names that its rows get. */
export type Selection = Readonly<Record<string, Column | SQL | Decode>>;

export type RowOf<Columns extends Selection> = {
  [Name in keyof Columns]: Columns[Name] extends Column
    ? GetColumnData<Columns[Name]>
    : Columns[Name] extends SQL<infer Value>
      ? Value
      : Columns[Name] extends Decode<infer Value>
        ? Value
        : never;
};

/** Decodes the fields of a DataRow message: for each a 32-bit length (-1 for null) and its text. */
export type RowDecoder<Row> = (bytes: Buffer, start: number) => Row;

/**
 * Returns a decoder that creates a row's object from the bytes of its message. The decoder is compiled from the names
 * of our columns, so that V8 knows the object's shape.
 */
export function rowDecoder<Columns extends Selection>(columns: Columns): RowDecoder<RowOf<Columns>> {
  const names = Object.keys(columns);
  const decoders = Object.values(columns).map(decoderOf);
  const reads = names.map(
    (name, at) => `
      length = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
      at += 4;
      const ${name} = length < 0 ? null : decode${at}(bytes, at, (at += length));`,
  );
  // NOTE: V8 would allocate an object literal in the old generation, and with it the row's strings
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

/** Returns the decoder of a column. An expression that drizzle maps with `Number` is an integer. */
function decoderOf(column: Column | SQL | Decode): Decode {
  if (typeof column === 'function') return column;
  if (!is(column, ColumnClass)) {
    const { decoder } = column as unknown as { decoder: { mapFromDriverValue(text: string): unknown } };
    if (decoder.mapFromDriverValue === Number) return decodeInteger;
    return (bytes, start, end) => decoder.mapFromDriverValue(decodeText(bytes, start, end));
  }
  if (column.enumValues !== undefined) return enumDecoder(column.enumValues);
  const decode = COLUMN_DECODERS[column.getSQLType()];
  if (decode === undefined) throw new Error(`no decoder for columns of type ${column.getSQLType()}`);
  return decode;
}
