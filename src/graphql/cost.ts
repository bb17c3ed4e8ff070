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
import { MAX_PAGE } from '../lib/page.ts';

/** A thousand people with a hundred badges and a hundred goals each: as much as one operation may ask for. */
const MAX_NODES = 250_000;
const MAX_DEPTH = 15;

type Variables = Readonly<Record<string, unknown>>;

/** A list of the operation: how long it may be, and the lists within each of its items. */
interface List {
  size: (variables: Variables) => number;
  within: readonly List[];
}

interface Walk {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** What variables are where the request does not say. */
  defaults: ReadonlyMap<string, ValueNode | undefined>;
}

/**
 * Refuses operations that ask for too much before any of it is fetched: by the longest that each list may be, multiplied
 * along nested lists, and by depth. Each document is measured once; its lists' lengths may depend on variables.
 */
export function limitCost(): ApolloServerPlugin {
  const measured = new WeakMap<OperationDefinitionNode, readonly List[]>();
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ schema, document, operation, request }) => {
        if (operation === undefined) return;
        let lists = measured.get(operation);
        if (lists === undefined) {
          lists = measure(schema, document, operation);
          measured.set(operation, lists);
        }
        const nodes = countNodes(lists, request.variables ?? {});
        if (nodes > MAX_NODES) throw refuse(`asks for up to ${nodes} items; at most ${MAX_NODES} are answered`);
      },
    }),
  };
}

function countNodes(lists: readonly List[], variables: Variables): number {
  return lists.reduce((sum, { size, within }) => sum + size(variables) * (1 + countNodes(within, variables)), 0);
}

function measure(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): readonly List[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const defaults = new Map(operation.variableDefinitions?.map((node) => [node.variable.name.value, node.defaultValue]));
  const root = schema.getRootType(operation.operation) ?? undefined;
  if (root === undefined) throw refuse(`is a ${operation.operation}, which this service does not have`);
  return listsIn(operation.selectionSet, root, { walk: { schema, fragments, defaults }, depth: 1 });
}

interface Place {
  walk: Walk;
  depth: number;
}

function listsIn(set: SelectionSetNode | undefined, type: GraphQLNamedType | undefined, place: Place): readonly List[] {
  const { walk, depth } = place;
  if (set === undefined) return [];
  if (depth > MAX_DEPTH) throw refuse(`is more than ${MAX_DEPTH} levels deep`);
  return set.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return listsOfField(node, type, place);
    const fragment = node.kind === Kind.FRAGMENT_SPREAD ? walk.fragments.get(node.name.value) : node;
    const condition = fragment?.typeCondition?.name.value;
    return listsIn(fragment?.selectionSet, condition === undefined ? type : walk.schema.getType(condition), place);
  });
}

function listsOfField(node: FieldNode, type: GraphQLNamedType | undefined, { walk, depth }: Place): readonly List[] {
  const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
  if (field === undefined) return []; // NOTE: introspection, which has a depth limit of its own, or __typename
  const within = listsIn(node.selectionSet, getNamedType(field.type), { walk, depth: depth + 1 });
  const size = sizeOf(node, field, walk);
  return size === undefined ? within : [{ size, within }];
}

/** `_entities` is as long as its representations, a page as long as its `first`; other fields are no lists of their own. */
function sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>, { defaults }: Walk): List['size'] | undefined {
  const slicing = field.args.find(({ name }) => name === 'first' || name === 'representations');
  if (slicing === undefined) return undefined;
  const value = node.arguments?.find(({ name }) => name.value === slicing.name)?.value;
  // NOTE: GraphQL takes a single representation for a list of one
  const usual = Number(slicing.defaultValue ?? 1);
  if (value?.kind !== Kind.VARIABLE) return () => lengthOfLiteral(value, usual);
  const fallback = lengthOfLiteral(defaults.get(value.name.value), usual);
  return (variables) => lengthOf(variables[value.name.value], fallback);
}

function lengthOfLiteral(value: ValueNode | undefined, otherwise: number): number {
  if (value?.kind === Kind.LIST) return value.values.length;
  return lengthOf(value?.kind === Kind.INT ? Number(value.value) : undefined, otherwise);
}

/** A page that nobody may ask for is refused by its own field, and must not make up for what the others ask for. */
function lengthOf(value: unknown, otherwise: number): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? Math.min(Math.max(value, 0), MAX_PAGE) : otherwise;
}

function refuse(reason: string): GraphQLError {
  return new GraphQLError(`The operation ${reason}.`, {
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400 } },
  });
}
