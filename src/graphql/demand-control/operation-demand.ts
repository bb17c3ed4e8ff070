import type { Demand } from '../../request-context.ts';
import type { Variables } from './argument-limits.ts';
import { TEXT_BYTES } from './field-sizes.ts';
import type { SelectedField, Selection } from './selections.ts';

const NONE: Demand = { fields: 0, loaded: 0, rows: 0, entities: 0, nameBytes: 0, texts: 0, bytes: 0 };
/** Braces or brackets, and a comma. */
const OBJECT_BYTES = 3;
/** A connection loads one row more than its page, which tells whether there is a next page. */
const LOOKAHEAD = 1;

/** Returns the demand of a selection. `@skip` and `@include` are ignored: the result is an upper bound. */
export function evaluateDemand(selection: Selection, variables: Variables): Demand {
  return new Evaluation(variables).selection(selection, 0);
}

/** Returns the maximum bytes of the response. */
export function responseBytes({ bytes, texts }: Demand): number {
  return bytes + texts * TEXT_BYTES;
}

/** Returns the number of fields of a selection, its fragments expanded, without the fields below them. */
export function countFields({ fields, fragments }: Selection): number {
  return fragments.reduce((sum, fragment) => sum + countFields(fragment), fields.length);
}

/** One evaluation. The demand of a fragment is computed once for each page size that it inherits. */
class Evaluation {
  readonly #variables: Variables;
  readonly #known = new Map<Selection, Map<number, Demand>>();

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  selection(selection: Selection, inherited: number): Demand {
    let sum = NONE;
    for (const field of selection.fields) sum = add(sum, this.#field(field, inherited));
    for (const fragment of selection.fragments) sum = add(sum, this.#fragment(fragment, inherited));
    return sum;
  }

  #fragment(fragment: Selection, inherited: number): Demand {
    const known = this.#known.get(fragment) ?? new Map<number, Demand>();
    this.#known.set(fragment, known);
    const demand = known.get(inherited) ?? this.selection(fragment, inherited);
    known.set(inherited, demand);
    return demand;
  }

  #field(field: SelectedField, inherited: number): Demand {
    const { selection, nameBytes, isConnection } = field;
    const size = field.size(this.#variables, inherited);
    // A connection is one object, whose lists inherit its size.
    const items = isConnection ? 1 : size;
    const item = selection === undefined ? NONE : this.selection(selection, isConnection ? size : 0);
    return {
      fields: 1 + (selection === undefined ? 0 : items * (1 + item.fields)),
      loaded: Number(field.isLoaded) + items * item.loaded,
      rows: rowsOf(field, size) + items * item.rows,
      entities: (field.isEntities ? size : 0) + items * item.entities,
      nameBytes: nameBytes + items * item.nameBytes,
      texts: (field.isText ? size : 0) + items * item.texts,
      bytes: nameBytes + OBJECT_BYTES + items * (field.valueBytes + item.bytes + OBJECT_BYTES),
    };
  }
}

function rowsOf({ rows, isConnection }: SelectedField, size: number): number {
  if (rows === 'one') return 1;
  return rows === 'none' ? 0 : size + (isConnection ? LOOKAHEAD : 0);
}

function add(a: Demand, b: Demand): Demand {
  return {
    fields: a.fields + b.fields,
    loaded: a.loaded + b.loaded,
    rows: a.rows + b.rows,
    entities: a.entities + b.entities,
    nameBytes: a.nameBytes + b.nameBytes,
    texts: a.texts + b.texts,
    bytes: a.bytes + b.bytes,
  };
}
