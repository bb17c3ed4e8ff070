import {
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  type ValueNode,
} from 'graphql';
import type { Demand } from '../../request-context.ts';
import { isConnection, isPage, type ListSize, leafBytes, listSize, type Variables } from './field-sizes.ts';

const NONE: Demand = { fields: 0, rows: 0, nameBytes: 0, bytes: 0 };
/** Quotes, colon and comma of a JSON property. */
const PROPERTY_BYTES = 4;

/** A selection set with its fields and the fragments that it spreads. */
interface Selection {
  fields: readonly FieldDemand[];
  fragments: readonly Selection[];
  depth: number;
}

interface FieldDemand {
  nameBytes: number;
  leafBytes: number;
  size: ListSize;
  isPage: boolean;
  isConnection: boolean;
  selection: Selection | undefined;
}

export interface OperationSource {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The default values of the operation's variables. */
  defaults: ReadonlyMap<string, ValueNode | undefined>;
}

/** The analysis of one operation. A fragment is analyzed once, however often it is spread. */
export class OperationDemand {
  readonly #source: OperationSource;
  readonly #analyzed = new Map<FragmentDefinitionNode, Selection>();
  readonly #root: Selection;

  constructor(source: OperationSource, root: GraphQLNamedType, selectionSet: SelectionSetNode) {
    this.#source = source;
    this.#root = this.#selection(selectionSet, root);
  }

  /** The nesting of fields. */
  get depth(): number {
    return this.#root.depth;
  }

  /** Returns the demand with these variables. `@skip` and `@include` are ignored: the result is an upper bound. */
  evaluate(variables: Variables): Demand {
    return new Evaluation(variables).selection(this.#root, 0);
  }

  #selection(set: SelectionSetNode, type: GraphQLNamedType | undefined): Selection {
    const fields: FieldDemand[] = [];
    const fragments: Selection[] = [];
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) fields.push(...this.#field(node, type));
      else fragments.push(this.#fragment(node, type));
    }
    const depths = [
      ...fields.map(({ selection }) => 1 + (selection?.depth ?? 0)),
      ...fragments.map(({ depth }) => depth),
    ];
    return { fields, fragments, depth: Math.max(0, ...depths) };
  }

  #fragment(node: FragmentSpreadNode | InlineFragmentNode, parent: GraphQLNamedType | undefined): Selection {
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.#source.fragments.get(node.name.value) : node;
    if (fragment === undefined) return { fields: [], fragments: [], depth: 0 };
    const known = fragment.kind === Kind.FRAGMENT_DEFINITION ? this.#analyzed.get(fragment) : undefined;
    if (known !== undefined) return known;
    const condition = fragment.typeCondition?.name.value;
    const type = condition === undefined ? parent : this.#source.schema.getType(condition);
    const selection = this.#selection(fragment.selectionSet, type);
    if (fragment.kind === Kind.FRAGMENT_DEFINITION) this.#analyzed.set(fragment, selection);
    return selection;
  }

  #field(node: FieldNode, parent: GraphQLNamedType | undefined): FieldDemand[] {
    const field = fieldOf(node.name.value, parent);
    if (field === undefined) return [];
    const type = getNamedType(field.type);
    return [
      {
        nameBytes: Buffer.byteLength((node.alias ?? node.name).value) + PROPERTY_BYTES,
        leafBytes: leafBytes(type),
        size: listSize(field, node, this.#source),
        isPage: isPage(field),
        isConnection: isConnection(field),
        selection: node.selectionSet && this.#selection(node.selectionSet, type),
      },
    ];
  }
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

  #field(field: FieldDemand, inherited: number): Demand {
    const size = field.size(this.#variables, inherited);
    const rows = field.isPage ? size : 0;
    const { nameBytes } = field;
    if (field.selection === undefined) {
      return { fields: Math.max(size, 1), rows, nameBytes, bytes: nameBytes + size * field.leafBytes };
    }
    // A connection is one object, whose lists inherit its size.
    const items = field.isConnection ? 1 : size;
    const nested = this.selection(field.selection, field.isConnection ? size : 0);
    return {
      fields: 1 + items * (1 + nested.fields),
      rows: rows + items * nested.rows,
      nameBytes: nameBytes + items * nested.nameBytes,
      bytes: nameBytes + items * (nested.bytes + 2),
    };
  }
}

function fieldOf(name: string, parent: GraphQLNamedType | undefined): GraphQLField<unknown, unknown> | undefined {
  const metaFields = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];
  const fields = isObjectType(parent) ? parent.getFields() : {};
  return fields[name] ?? metaFields.find((field) => field.name === name);
}

function add(a: Demand, b: Demand): Demand {
  return {
    fields: a.fields + b.fields,
    rows: a.rows + b.rows,
    nameBytes: a.nameBytes + b.nameBytes,
    bytes: a.bytes + b.bytes,
  };
}
