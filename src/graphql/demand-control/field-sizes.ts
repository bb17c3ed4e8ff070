import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { MAX_PAGE_SIZE } from '../../lib/page.ts';
import { introspectionListSize } from './introspection-sizes.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** Returns the maximum length of a list; `inherited` is the page size of the connection around it. */
export type ListSize = (variables: Variables, inherited: number) => number;

/** Items of a list field that neither has `@listSize` nor belongs to a connection. */
const DEFAULT_LIST_SIZE = 100;

/** Maximum bytes of a value in JSON, by scalar. A text has at most 2,000 code points of 4 bytes each. */
const SCALAR_BYTES: Readonly<Record<string, number>> = { Boolean: 5, DateTime: 35, Float: 25, ID: 130, Int: 11 };
const TEXT_BYTES = 8000;
const ENUM_BYTES = 30;

/** The values of the directive `@listSize` of a field. */
interface ListSizeDirective {
  assumedSize?: number;
  slicingArguments?: string[];
  sizedFields?: string[];
}

/** Returns the maximum bytes of one value of a leaf type; 0 for an object. */
export function leafBytes(type: GraphQLNamedType): number {
  if (isEnumType(type)) return ENUM_BYTES;
  return isLeafType(type) ? (SCALAR_BYTES[type.name] ?? TEXT_BYTES) : 0;
}

/** Returns whether a field is a page: it loads as many rows as its page size. */
export function isPage(field: GraphQLField<unknown, unknown>): boolean {
  return directiveOf(field) !== undefined;
}

/**
 * Returns the maximum number of items below a field: of a list, its length; of a connection, its page size, which its
 * lists `nodes` and `edges` inherit; of any other field, 1.
 */
export function listSize(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  { schema, defaults }: { schema: GraphQLSchema; defaults: ReadonlyMap<string, ValueNode | undefined> },
): ListSize {
  const directive = directiveOf(field);
  const slicing = field.args.find(
    ({ name }) => name === 'representations' || directive?.slicingArguments?.includes(name) === true,
  );
  if (slicing !== undefined) return slicedSize(node, { name: slicing.name, default: slicing.defaultValue, defaults });
  if (directive?.assumedSize !== undefined) return constant(directive.assumedSize);
  if (!isListField(field)) return constant(1);
  const itemType = getNamedType(field.type);
  if (isIntrospectionType(itemType)) return constant(introspectionListSize(schema, field.name));
  return (_, inherited) => (inherited > 0 ? inherited : DEFAULT_LIST_SIZE);
}

/** Returns whether the lists below a field inherit its size. */
export function isConnection(field: GraphQLField<unknown, unknown>): boolean {
  return directiveOf(field)?.sizedFields !== undefined;
}

export function isListField(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(isNonNullType(field.type) ? field.type.ofType : field.type);
}

function constant(size: number): ListSize {
  return () => size;
}

function directiveOf({ astNode }: GraphQLField<unknown, unknown>): ListSizeDirective | undefined {
  const directive = astNode?.directives?.find(({ name }) => name.value === 'listSize');
  if (directive === undefined) return undefined;
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
}

interface Slicing {
  name: string;
  default: unknown;
  defaults: ReadonlyMap<string, ValueNode | undefined>;
}

function slicedSize(node: FieldNode, slicing: Slicing): ListSize {
  const value = node.arguments?.find(({ name }) => name.value === slicing.name)?.value;
  // NOTE: GraphQL coerces a single representation to a list of one
  const defaultSize = Number(slicing.default ?? 1);
  if (value?.kind !== Kind.VARIABLE) return constant(sizeOfLiteral(value, defaultSize));
  const name = value.name.value;
  const fallback = sizeOfLiteral(slicing.defaults.get(name), defaultSize);
  return (variables) => sizeOf(variables[name], fallback);
}

function sizeOfLiteral(value: ValueNode | undefined, fallback: number): number {
  if (value?.kind === Kind.LIST) return value.values.length;
  return sizeOf(value?.kind === Kind.INT ? Number(value.value) : undefined, fallback);
}

/** An invalid page size is rejected by its own field. Clamped, it does not offset the sizes of other fields. */
function sizeOf(value: unknown, fallback: number): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? Math.min(Math.max(value, 0), MAX_PAGE_SIZE) : fallback;
}
