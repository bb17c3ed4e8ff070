import { type DocumentNode, Kind, type ValueNode, visit } from 'graphql';
import { MAX_LIST_ARGUMENT, MAX_NAME_LENGTH, MAX_STRING_ARGUMENT } from './limits.ts';

/** The values of an operation's variables, their defaults included. */
export type Variables = ReadonlyMap<string, unknown>;

/** An argument of a field. */
interface Argument {
  field: string;
  name: string;
  value: ValueNode;
}

/** The arguments of a document: the problem that it has with any variables, and those that are variables. */
export interface DocumentArguments {
  problem: string | undefined;
  variables: readonly Argument[];
}

/**
 * Analyzes the names of a document and the arguments of its fields. The list `representations` has its own limit, and
 * the inputs of mutations, which are objects, are validated by their use-cases.
 */
export function analyzeArguments(document: DocumentNode): DocumentArguments {
  const args: Argument[] = [];
  let longestName = 0;
  visit(document, {
    Name: ({ value }) => {
      longestName = Math.max(longestName, value.length);
    },
    Field: ({ name: { value: field }, arguments: nodes = [] }) => {
      args.push(...nodes.map(({ name, value }) => ({ field, name: name.value, value })));
    },
  });
  const nameProblem =
    longestName > MAX_NAME_LENGTH ? `has a name of more than ${MAX_NAME_LENGTH} characters` : undefined;
  const limited = args.filter(({ name }) => name !== 'representations');
  return {
    problem: nameProblem ?? firstProblem(limited, ({ value }) => literalSize(value)),
    variables: limited.filter(({ value }) => value.kind === Kind.VARIABLE),
  };
}

/** Returns the reason why the variables of the operation are rejected; undefined when they are not. */
export function variableProblem({ variables }: DocumentArguments, values: Variables): string | undefined {
  return firstProblem(variables, ({ value }) =>
    sizeOf(value.kind === Kind.VARIABLE ? values.get(value.name.value) : undefined),
  );
}

/**
 * The number of items and the length of the longest string of a value. No argument of the schema is a list of lists.
 */
interface Size {
  items: number;
  characters: number;
}

function firstProblem(args: readonly Argument[], size: (argument: Argument) => Size): string | undefined {
  for (const argument of args) {
    const { items, characters } = size(argument);
    const place = `in the argument ${argument.name} of ${argument.field}`;
    if (items > MAX_LIST_ARGUMENT) return `has more than ${MAX_LIST_ARGUMENT} items ${place}`;
    if (characters > MAX_STRING_ARGUMENT) return `has more than ${MAX_STRING_ARGUMENT} characters ${place}`;
  }
  return undefined;
}

function sizeOf(value: unknown): Size {
  return sizeOfItems(Array.isArray(value) ? value : [value], (item) => (typeof item === 'string' ? item.length : 0));
}

function literalSize(node: ValueNode): Size {
  const items = node.kind === Kind.LIST ? node.values : [node];
  return sizeOfItems(items, (item) => (item.kind === Kind.STRING ? item.value.length : 0));
}

function sizeOfItems<Item>(items: readonly Item[], length: (item: Item) => number): Size {
  const characters = items.slice(0, MAX_LIST_ARGUMENT).map(length);
  return { items: items.length, characters: Math.max(0, ...characters) };
}
