import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { anyText } from './arbitraries.ts';

export interface Operation {
  document: string;
  variables: Record<string, unknown>;
}

type Gen = fc.GeneratorValue;

const percent = () => fc.noBias(fc.nat(99));

const DEPTH = 5;
/** Ids of users and rows, existing or not, and invalid ids. */
const IDS = [
  'ada',
  'eve',
  'first-steps',
  'unknown-user',
  '1',
  '2',
  '999999',
  '0',
  '-1',
  '1e3',
  'me',
  '..',
  '',
  '9007199254740993',
];
const INTS = [1, 2, 20, 500, 501, 0, -1, 2_147_483_647, -2_147_483_648];
const TYPENAMES = ['User', 'Badge', 'BadgeDefinition', 'LearningGoal', 'Activity', 'Query', 'Unknown', '__proto__'];

/** Rules of badge definitions, valid or not, and other JSON. */
const JSON_VALUES = [
  { streak: { gte: 7 } },
  { any: [{ count: { verb: 'practice', gte: 1, distinct: 'date' } }, { badge: { key: 'first-steps' } }] },
  { all: [] },
  { streak: { gte: 0 } },
  { __proto: 1 },
  'text',
  1.5,
  true,
];

/** Generates valid operations with arbitrary arguments, as literals or variables. */
export function anyOperation(schema: GraphQLSchema, cursors: readonly string[]): fc.Arbitrary<Operation> {
  return fc.gen().map((g) => new OperationGenerator(schema, { g, cursors }).operation());
}

class OperationGenerator {
  readonly #schema: GraphQLSchema;
  readonly #g: Gen;
  readonly #cursors: readonly string[];
  readonly #declared: string[] = [];
  readonly #fragments: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  #names = 0;

  constructor(schema: GraphQLSchema, { g, cursors }: { g: Gen; cursors: readonly string[] }) {
    this.#schema = schema;
    this.#g = g;
    this.#cursors = cursors;
  }

  operation(): Operation {
    const kind = this.#chance(0.3) ? 'mutation' : 'query';
    const root = kind === 'mutation' ? this.#schema.getMutationType() : this.#schema.getQueryType();
    const selection = root == null ? '' : this.#selection(root, DEPTH);
    const declared = this.#declared.length > 0 ? `(${this.#declared.join(', ')})` : '';
    return {
      document: [`${kind} Q${declared} ${selection}`, ...this.#fragments].join(' '),
      variables: this.#variables,
    };
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    if (isUnionType(type)) {
      const members = this.#some(type.getTypes(), 3);
      return `{ __typename ${members.map((member) => `... on ${member.name} ${this.#selection(member, depth - 1)}`).join(' ')} }`;
    }
    if (!isObjectType(type)) return '';
    const possible = Object.values(type.getFields()).filter(
      (field) => depth > 0 || isLeafType(getNamedType(field.type)),
    );
    const fields = this.#some(possible, 4);
    const selected = ['__typename', ...fields.map((field) => this.#field(field, depth))].join(' ');
    if (!this.#chance(0.1)) return `{ ${selected} }`;
    if (this.#chance(0.5)) return `{ ... on ${type.name} { ${selected} } }`;
    const name = this.#name('F');
    this.#fragments.push(`fragment ${name} on ${type.name} { ${selected} }`);
    return `{ ...${name} }`;
  }

  /** Uses a unique alias, so that fields never conflict. */
  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const args = field.args
      .filter((arg) => isNonNullType(arg.type) || this.#chance(0.5))
      .map((arg) => this.#argument(arg));
    const directive = this.#chance(0.05)
      ? ` @${this.#g(fc.constantFrom, 'skip', 'include')}(if: ${this.#g(fc.boolean)})`
      : '';
    const call = args.length > 0 ? `(${args.join(', ')})` : '';
    return `${this.#name('f')}: ${field.name}${call}${directive} ${this.#selection(getNamedType(field.type), depth - 1)}`;
  }

  #argument({ name, type }: GraphQLArgument): string {
    const value = this.#value(type, name);
    if (this.#chance(0.5)) {
      const variable = this.#name('v');
      this.#declared.push(`$${variable}: ${type}`);
      this.#variables[variable] = value;
      return `${name}: $${variable}`;
    }
    return `${name}: ${literal(value, type)}`;
  }

  #value(type: GraphQLInputType, name: string): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, name);
    if (isListType(type)) {
      return Array.from({ length: this.#g(fc.nat, 4) }, () => this.#value(type.ofType, name));
    }
    if (isEnumType(type)) return this.#g(fc.constantFrom, ...type.getValues().map((value) => value.name));
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || this.#chance(0.5));
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, field.name)]));
    }
    return this.#scalar(getNamedType(type).name, name);
  }

  #scalar(type: string, name: string): unknown {
    if (type === 'Int') return this.#g(fc.constantFrom, ...INTS);
    if (type === 'ID') return this.#g(fc.constantFrom, ...IDS);
    if (type === 'Boolean') return this.#g(fc.boolean);
    if (type === 'JSON') return this.#g(fc.constantFrom, ...JSON_VALUES);
    if (type === '_Any') {
      const __typename = this.#g(fc.constantFrom, ...TYPENAMES);
      const id = this.#g(fc.constantFrom, ...IDS, 7, null);
      return __typename === 'BadgeDefinition' ? { __typename, key: id } : { __typename, id };
    }
    if (name === 'after') return this.#g(fc.constantFrom, ...this.#cursors, '', 'x');
    if (name === 'iconUrl') return this.#g(fc.constantFrom, '/x', 'https://x.org/x', 'javascript:1');
    return this.#g(anyText, 100);
  }

  /** NOTE: gen() compares its arguments, which does not terminate for the cyclic types: indexes replace them. */
  #some<Item>(items: readonly Item[], max: number): Item[] {
    const indexes = items.map((_, index) => index);
    const limits = { minLength: Math.min(1, items.length), maxLength: Math.min(max, items.length) };
    return this.#g(fc.subarray, indexes, limits).map((index) => items[index] as Item);
  }

  /** Shrinks to false, so that the simplest operation has no optional parts. */
  #chance(probability: number): boolean {
    return this.#g(percent) > 99 - probability * 100;
  }

  #name(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }
}

function literal(value: unknown, type?: GraphQLInputType): string {
  const inner = isNonNullType(type) ? type.ofType : type;
  if (Array.isArray(value))
    return `[${value.map((item) => literal(item, isListType(inner) ? inner.ofType : undefined)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(inner) ? inner.getFields() : {};
    return `{ ${Object.entries(value)
      .map(([name, item]) => `${name}: ${literal(item, fields[name]?.type)}`)
      .join(', ')} }`;
  }
  if (isEnumType(inner)) return String(value);
  return JSON.stringify(typeof value === 'string' ? value.toWellFormed() : value);
}
