import fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { DocumentAnalysis } from '../../../src/graphql/demand-control/document-analysis.ts';
import { expansionRule } from '../../../src/graphql/demand-control/expansion-rule.ts';
import { MAX_FIELDS, MAX_LOADED_FIELDS, MAX_ROWS } from '../../../src/graphql/demand-control/limits.ts';
import type { Demand } from '../../../src/request-context.ts';

export interface ExpensiveOperation {
  query: string;
  variables: Record<string, unknown>;
}

type Gen = fc.GeneratorValue;

const ENTITY_TYPES = ['User', 'User', 'User', 'LearningGoal', 'Badge', 'Activity', 'BadgeDefinition'];
const ENTITY_COUNTS = [1, 2, 20, 100, 300, 500, 1000];
/** Arguments of a page. `$size` is null: the page has its default size. */
const PAGES = ['(first: 500)', '(first: 499)', '(first: 100)', '(first: 20)', '(first: 10)', '', '(first: $size)'];
const DIRECTIVES = ['', '', ' @include(if: $yes)', ' @skip(if: false)'];
const MAX_NESTING = 8;
const MAX_ALIASES = 1000;
const MAX_TOKENS = 3000;
const MAX_CHARACTERS = 100_000;

/** Shapes of which the most expensive one is taken. */
const SHAPES = 6;

/**
 * Generates the most expensive operations that are legal. The aliases of several random shapes are multiplied until one
 * more would exceed a limit. The result is the operation that is nearest to a limit.
 */
export function mostExpensiveOperation(schema: GraphQLSchema): fc.Arbitrary<ExpensiveOperation> {
  return fc.gen().map((g) => {
    const operations = Array.from({ length: SHAPES }, () => {
      const make = anyOperationOfOneShape(schema, g);
      return make(greatest((aliases) => demandOf(schema, () => make(aliases)) !== undefined));
    });
    const cost = (operation: ExpensiveOperation) => costOf(demandOf(schema, () => operation));
    return operations.reduce((worst, operation) => (cost(operation) > cost(worst) ? operation : worst));
  });
}

/** Returns the greatest share of a limit that the demand has; 0 for an operation over a limit. */
function costOf(demand: Demand | undefined): number {
  if (demand === undefined) return 0;
  return Math.max(demand.fields / MAX_FIELDS, demand.loaded / MAX_LOADED_FIELDS, demand.rows / MAX_ROWS);
}

/** Generates operations of the same shapes with one to three aliases. */
export function moderateOperation(schema: GraphQLSchema): fc.Arbitrary<ExpensiveOperation> {
  return fc.gen().map((g) => anyOperationOfOneShape(schema, g)(g(fc.integer, { min: 1, max: 3 })));
}

/** Returns the demand of an operation; undefined for one that exceeds a limit. */
export function demandOf(schema: GraphQLSchema, make: () => ExpensiveOperation): Demand | undefined {
  try {
    const { query, variables } = make();
    const document = parse(query, { maxTokens: MAX_TOKENS });
    const [operation] = document.definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
    if (validate(schema, document, [expansionRule, ...specifiedRules]).length > 0) return undefined;
    return new DocumentAnalysis(schema, document).demand(operation, variables);
  } catch {
    return undefined;
  }
}

/** Returns the greatest number of aliases that is legal, by bisection; 1 when none is. */
function greatest(isLegal: (aliases: number) => boolean): number {
  let [low, high] = [1, MAX_ALIASES];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isLegal(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function keyOf(typename: string, n: number): object {
  if (typename === 'BadgeDefinition') return { key: `d-${n}` };
  return { id: typename === 'User' ? `user-${n}` : `${n}` };
}

/** A selection of an operation, with one or two fields. */
interface Shape {
  type: GraphQLObjectType;
  fields: ShapeField[];
}

interface ShapeField {
  name: string;
  args: string;
  directive: string;
  /** Whether the field is repeated. */
  isRepeated: boolean;
  shape: Shape | undefined;
}

/** Returns a function that creates operations of one random shape with any number of aliases. */
function anyOperationOfOneShape(schema: GraphQLSchema, g: Gen): (aliases: number) => ExpensiveOperation {
  const typename = g(fc.constantFrom, ...ENTITY_TYPES);
  const count = g(fc.constantFrom, ...ENTITY_COUNTS);
  const entities = Array.from({ length: count }, (_, i) => ({ __typename: typename, ...keyOf(typename, i + 1) }));
  const hasFragments = g(fc.boolean);
  const shape = anyShape(g, schema.getType(typename) as GraphQLObjectType, 0);
  return (aliases) => {
    const writer = new Writer(aliases, hasFragments);
    const selection = `{ ... on ${typename} ${writer.selection(shape)} }`;
    const text = [`{ _entities(representations: $entities) ${selection} }`, ...writer.fragments].join(' ');
    const declared = [' $yes: Boolean! = true', ' $size: Int'].filter((one) => text.includes(one.split(':')[0] ?? ''));
    return { query: `query ($entities: [_Any!]! ${declared})${text}`, variables: { entities, size: null } };
  };
}

function anyShape(g: Gen, type: GraphQLObjectType, nesting: number): Shape {
  const possible = Object.values(type.getFields()).filter(
    (field) => nesting < MAX_NESTING || !isObjectType(getNamedType(field.type)),
  );
  const indexes = possible.map((_, index) => index);
  // NOTE: gen() compares its arguments, which does not terminate for the cyclic types: indexes replace them
  const chosen = g(fc.subarray, indexes, { minLength: 1, maxLength: Math.min(2, indexes.length) });
  const fields = chosen.map((index) => anyField(g, possible[index] as GraphQLField<unknown, unknown>, nesting));
  return { type, fields };
}

function anyField(g: Gen, { name, args, type }: GraphQLField<unknown, unknown>, nesting: number): ShapeField {
  const namedType = getNamedType(type);
  return {
    name,
    args: args.some((argument) => argument.name === 'first') ? g(fc.constantFrom, ...PAGES) : '',
    directive: g(fc.constantFrom, ...DIRECTIVES),
    isRepeated: g(fc.boolean),
    shape: isObjectType(namedType) ? anyShape(g, namedType, nesting + 1) : undefined,
  };
}

class Writer {
  readonly fragments: string[] = [];
  readonly #aliases: number;
  readonly #hasFragments: boolean;
  #names = 0;

  constructor(aliases: number, hasFragments: boolean) {
    this.#aliases = aliases;
    this.#hasFragments = hasFragments;
  }

  /** @throws RangeError for a text that exceeds the limit of documents */
  selection({ type, fields }: Shape): string {
    const text = `{ ${fields.map((field) => this.#field(field)).join(' ')} }`;
    if (text.length > MAX_CHARACTERS) throw new RangeError('too long');
    if (!this.#hasFragments) return text;
    const name = this.#name();
    this.fragments.push(`fragment ${name} on ${type.name} ${text}`);
    return `{ ...${name} }`;
  }

  /** Gives each alias of a page its own size, and so its own query, as far as the size allows. */
  #field({ name, args, directive, isRepeated, shape }: ShapeField): string {
    const selection = shape === undefined ? '' : this.selection(shape);
    const count = isRepeated ? this.#aliases : 1;
    const size = Number(/\d+/.exec(args)?.[0] ?? 0);
    const fields = Array.from({ length: count }, (_, i) => {
      const ownArgs = size > count ? `(first: ${size - i})` : args;
      return `${this.#name()}: ${name}${ownArgs}${directive} ${selection}`;
    });
    return fields.join(' ');
  }

  #name(): string {
    this.#names++;
    return `a${this.#names.toString(36)}`;
  }
}
