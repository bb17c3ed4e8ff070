import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  type InlineFragmentNode,
  isIntrospectionType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from 'graphql';
import {
  hasCost,
  isConnection,
  isEntities,
  isLookup,
  isPage,
  isText,
  type ListSize,
  listSize,
  valueBytes,
} from './field-sizes.ts';
import { PROPERTY_BYTES } from './limits.ts';

type Field = GraphQLField<unknown, unknown>;

/** A selection set with its fields and the fragments that it spreads. */
export interface Selection {
  fields: readonly SelectedField[];
  fragments: readonly Selection[];
  /** The nesting of fields. */
  depth: number;
}

/** A field of a document, as far as its demand does not depend on variables. */
export interface SelectedField {
  nameBytes: number;
  valueBytes: number;
  isText: boolean;
  size: ListSize;
  isLoaded: boolean;
  isConnection: boolean;
  isEntities: boolean;
  /** The rows that the field loads: as many as its items, or one. */
  rows: 'items' | 'one' | 'none';
  selection: Selection | undefined;
}

/** Analyzes the selections of one document. A fragment is analyzed once, for all operations that spread it. */
export class SelectionAnalyzer {
  readonly #schema: GraphQLSchema;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #analyzed = new Map<FragmentDefinitionNode, Selection>();

  constructor(schema: GraphQLSchema, document: DocumentNode) {
    this.#schema = schema;
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node);
    }
  }

  analyze(set: SelectionSetNode, type: GraphQLNamedType | undefined): Selection {
    const fields: SelectedField[] = [];
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
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? this.#fragments.get(node.name.value) : node;
    if (fragment === undefined) return { fields: [], fragments: [], depth: 0 };
    const known = fragment.kind === Kind.FRAGMENT_DEFINITION ? this.#analyzed.get(fragment) : undefined;
    if (known !== undefined) return known;
    const condition = fragment.typeCondition?.name.value;
    const type = condition === undefined ? parent : this.#schema.getType(condition);
    const selection = this.analyze(fragment.selectionSet, type);
    if (fragment.kind === Kind.FRAGMENT_DEFINITION) this.#analyzed.set(fragment, selection);
    return selection;
  }

  #field(node: FieldNode, parent: GraphQLNamedType | undefined): SelectedField[] {
    const field = fieldOf(node.name.value, parent);
    if (field === undefined) return [];
    const type = getNamedType(field.type);
    return [
      {
        nameBytes: Buffer.byteLength((node.alias ?? node.name).value) + PROPERTY_BYTES,
        valueBytes: valueBytes(field),
        isText: isText(field),
        size: listSize(field, node, this.#schema),
        isLoaded: isLoaded(field, parent),
        isConnection: isConnection(field),
        isEntities: isEntities(field),
        rows: rowsOf(field, parent),
        selection: node.selectionSet && this.analyze(node.selectionSet, type),
      },
    ];
  }
}

function fieldOf(name: string, parent: GraphQLNamedType | undefined): Field | undefined {
  const metaFields = [SchemaMetaFieldDef, TypeMetaFieldDef, TypeNameMetaFieldDef];
  const fields = isObjectType(parent) ? parent.getFields() : {};
  return fields[name] ?? metaFields.find((field) => field.name === name);
}

/**
 * Returns whether a resolver loads the field's value. The resolver of an object without arguments and cost, such as
 * `user`, only returns a part of its parent. Those of introspection are as cheap as properties.
 */
function isLoaded(field: Field, parent: GraphQLNamedType | undefined): boolean {
  const { name, args, type, resolve } = field;
  if (resolve === undefined || name.startsWith('__') || (parent !== undefined && isIntrospectionType(parent))) {
    return false;
  }
  return args.length > 0 || hasCost(field) || !isObjectType(getNullableType(type));
}

/** Returns which rows a field loads. A list that is a property of a mutation's payload loads none. */
function rowsOf(field: Field, parent: GraphQLNamedType | undefined): SelectedField['rows'] {
  if (isEntities(field) || (isPage(field) && isLoaded(field, parent))) return 'items';
  return isLookup(field) ? 'one' : 'none';
}
