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
  valueFromASTUntyped,
} from 'graphql';
import { DEFAULT_LIST_SIZE, MAX_PAGE_SIZE } from '../../lib/page.ts';
import type { Variables } from './argument-limits.ts';
import { introspectionListSize } from './introspection-sizes.ts';

/** Returns the maximum length of a list; `inherited` is the page size of the connection around it. */
export type ListSize = (variables: Variables, inherited: number) => number;

/** Maximum bytes of a value in JSON, by scalar. */
const SCALAR_BYTES: Readonly<Record<string, number>> = {
  Boolean: 5,
  Date: 12,
  DateTime: 35,
  Float: 25,
  ID: 130,
  Int: 11,
  // NOTE: the values of JSON are rules, whose size the table badge_definition_versions limits
  JSON: 5000,
};
/** Maximum bytes of a text: 2,000 code points of 4 bytes each. */
export const TEXT_BYTES = 8000;
/** Maximum bytes of an enum value and of the name of a type. */
const NAME_BYTES = 30;
/** More than the bytes of the schema's SDL. */
const SDL_BYTES = 100_000;

/** The values of the directive `@listSize` of a field. */
interface ListSizeDirective {
  assumedSize?: number;
  slicingArguments?: string[];
  sizedFields?: string[];
}

/** Returns whether the values of a field are texts, whose length is known only when they are loaded. */
export function isText(field: GraphQLField<unknown, unknown>): boolean {
  return isLeafType(getNamedType(field.type)) && knownBytes(field) === undefined;
}

/** Returns the maximum bytes of one value of a field; 0 for an object and for a text. */
export function valueBytes(field: GraphQLField<unknown, unknown>): number {
  return isLeafType(getNamedType(field.type)) ? (knownBytes(field) ?? 0) : 0;
}

function knownBytes({ name, type, extensions }: GraphQLField<unknown, unknown>): number | undefined {
  const namedType: GraphQLNamedType = getNamedType(type);
  if (name === 'sdl') return SDL_BYTES;
  if (name === '__typename' || isEnumType(namedType)) return NAME_BYTES;
  return SCALAR_BYTES[namedType.name] ?? (extensions.maxBytes as number | undefined);
}

/** Returns whether the field is a page, which loads as many rows as its size. */
export function isPage(field: GraphQLField<unknown, unknown>): boolean {
  return directiveOf(field) !== undefined;
}

/** Returns whether the field is `_entities`, each of whose representations may load a row. */
export function isEntities({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ name }) => name === 'representations');
}

/** Returns whether the field finds a row: by its id or key, or one that `@cost` announces. */
export function isLookup(field: GraphQLField<unknown, unknown>): boolean {
  return hasCost(field) || field.args.some(({ name }) => name === 'id' || name === 'key');
}

/** Returns whether the field has a cost of its own. An object without one is a part of its parent. */
export function hasCost({ astNode }: GraphQLField<unknown, unknown>): boolean {
  return astNode?.directives?.some(({ name }) => name.value === 'cost') === true;
}

/**
 * Returns the maximum number of items below a field. For a list, that is its length. For a connection, it is its page
 * size, which its lists `nodes` and `edges` inherit. For any other field, it is 1.
 */
export function listSize(field: GraphQLField<unknown, unknown>, node: FieldNode, schema: GraphQLSchema): ListSize {
  const directive = directiveOf(field);
  const slicing = field.args.find(
    ({ name }) => name === 'representations' || directive?.slicingArguments?.includes(name) === true,
  );
  if (slicing !== undefined) return slicedSize(node, slicing);
  if (directive?.assumedSize !== undefined) return constant(directive.assumedSize);
  if (hasInput(field)) return inputSize(node);
  if (!isListField(field)) return constant(1);
  const itemType = getNamedType(field.type);
  if (isIntrospectionType(itemType)) return constant(introspectionListSize(schema, field.name));
  // A list that neither has `@listSize` nor belongs to a connection.
  return (_, inherited) => (inherited > 0 ? inherited : DEFAULT_LIST_SIZE);
}

/** Returns whether the lists below a field inherit its size. */
export function isConnection(field: GraphQLField<unknown, unknown>): boolean {
  return directiveOf(field)?.sizedFields !== undefined || hasInput(field);
}

/**
 * Returns whether the field is a mutation, which takes an input. Its payload has at most one result for each item of a
 * list of the input.
 */
function hasInput({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ name }) => name === 'input');
}

/** Returns the length of the longest list of the input; 0 when it has none. */
function inputSize(node: FieldNode): ListSize {
  const value = node.arguments?.find(({ name }) => name.value === 'input')?.value;
  const longest = (input: unknown) =>
    Math.max(0, ...Object.values(input ?? {}).map((member) => (Array.isArray(member) ? member.length : 0)));
  if (value === undefined) return constant(0);
  if (value.kind === Kind.VARIABLE) return (variables) => longest(variables.get(value.name.value));
  return (variables) => longest(valueFromASTUntyped(value, Object.fromEntries(variables)));
}

function isListField(field: GraphQLField<unknown, unknown>): boolean {
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

/**
 * Returns the size that an argument gives. Null counts as absent: the resolvers then use the default of the argument,
 * not that of a variable.
 */
function slicedSize(node: FieldNode, slicing: { name: string; defaultValue?: unknown }): ListSize {
  const value = node.arguments?.find(({ name }) => name.value === slicing.name)?.value;
  // NOTE: GraphQL coerces a single representation to a list of one
  const defaultSize = Number(slicing.defaultValue ?? 1);
  if (value?.kind !== Kind.VARIABLE) return constant(sizeOf(value && valueFromASTUntyped(value), defaultSize));
  const variable = value.name.value;
  return (variables) => sizeOf(variables.get(variable), defaultSize);
}

/**
 * Returns the size for the value of an argument. An invalid page size is rejected by its own field. Clamped, it does
 * not offset the sizes of other fields.
 */
function sizeOf(value: unknown, defaultSize: number): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? Math.min(Math.max(value, 0), MAX_PAGE_SIZE) : defaultSize;
}
