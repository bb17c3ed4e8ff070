import type { ApolloServerPlugin } from '@apollo/server';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { MAX_PAGE_SIZE } from '../lib/page.ts';

/** Maximum list items of one operation: 1,000 users with 100 badges and 100 goals each, with room to spare. */
const MAX_ITEMS = 250_000;
const MAX_DEPTH = 15;

type Variables = Readonly<Record<string, unknown>>;

/** A list field of the operation: its maximum length, and the list fields within each of its items. */
interface ListField {
  size: (variables: Variables) => number;
  nested: readonly ListField[];
}

interface Document {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The default values of the operation's variables. */
  defaults: ReadonlyMap<string, ValueNode | undefined>;
}

/**
 * Rejects an operation, before it loads anything, by its depth and by the maximum number of list items that it can return:
 * the page sizes, multiplied along nested lists. Each document is analyzed once; sizes may depend on variables.
 */
export function demandControl(): ApolloServerPlugin {
  const analyzed = new WeakMap<OperationDefinitionNode, readonly ListField[]>();
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        if (operation === undefined) return;
        let lists = analyzed.get(operation);
        if (lists === undefined) {
          lists = analyze(schema, document, operation);
          analyzed.set(operation, lists);
        }
        const items = countItems(lists, request.variables ?? {});
        if (items > MAX_ITEMS) throw rejection(`asks for up to ${items} items; the maximum is ${MAX_ITEMS}`);
      },
    }),
  };
}

function countItems(lists: readonly ListField[], variables: Variables): number {
  return lists.reduce((sum, { size, nested }) => sum + size(variables) * (1 + countItems(nested, variables)), 0);
}

function analyze(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly ListField[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const defaults = new Map(operation.variableDefinitions?.map((node) => [node.variable.name.value, node.defaultValue]));
  const root = schema.getRootType(operation.operation) ?? undefined;
  if (root === undefined) throw rejection(`is a ${operation.operation}, which the schema does not define`);
  return listsIn(operation.selectionSet, root, { document: { schema, fragments, defaults }, depth: 1 });
}

interface Location {
  document: Document;
  depth: number;
}

function listsIn(
  set: SelectionSetNode | undefined,
  type: GraphQLNamedType | undefined,
  location: Location,
): readonly ListField[] {
  const { document, depth } = location;
  if (set === undefined) return [];
  if (depth > MAX_DEPTH) throw rejection(`is more than ${MAX_DEPTH} levels deep`);
  return set.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return listsOfField(node, type, location);
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? document.fragments.get(node.name.value) : node;
    const condition = fragment?.typeCondition?.name.value;
    return listsIn(
      fragment?.selectionSet,
      condition === undefined ? type : document.schema.getType(condition),
      location,
    );
  });
}

function listsOfField(
  node: FieldNode,
  type: GraphQLNamedType | undefined,
  { document, depth }: Location,
): readonly ListField[] {
  const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
  if (field === undefined) return []; // NOTE: __typename, or introspection, whose depth graphql-js limits
  const nested = listsIn(node.selectionSet, getNamedType(field.type), { document, depth: depth + 1 });
  const size = sizeOf(node, field, document);
  return size === undefined ? nested : [{ size, nested }];
}

/** Returns the maximum length of a list field: its `first`, or the number of `representations`; undefined for others. */
function sizeOf(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  { defaults }: Document,
): ListField['size'] | undefined {
  const slicing = field.args.find(({ name }) => name === 'first' || name === 'representations');
  if (slicing === undefined) return undefined;
  const value = node.arguments?.find(({ name }) => name.value === slicing.name)?.value;
  // NOTE: GraphQL coerces a single representation to a list of one
  const defaultSize = Number(slicing.defaultValue ?? 1);
  if (value?.kind !== Kind.VARIABLE) return () => lengthOfLiteral(value, defaultSize);
  const fallback = lengthOfLiteral(defaults.get(value.name.value), defaultSize);
  return (variables) => lengthOf(variables[value.name.value], fallback);
}

function lengthOfLiteral(value: ValueNode | undefined, fallback: number): number {
  if (value?.kind === Kind.LIST) return value.values.length;
  return lengthOf(value?.kind === Kind.INT ? Number(value.value) : undefined, fallback);
}

/** An invalid page size is rejected by its own field. Clamped, it does not offset the sizes of other fields. */
function lengthOf(value: unknown, fallback: number): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? Math.min(Math.max(value, 0), MAX_PAGE_SIZE) : fallback;
}

function rejection(reason: string): GraphQLError {
  return new GraphQLError(`The operation ${reason}.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
  });
}
