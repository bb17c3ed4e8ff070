import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type ValueNode,
  visit,
} from 'graphql';
import type { Variables } from './field-sizes.ts';
import { MAX_LIST_ARGUMENT, MAX_NAME_LENGTH, MAX_STRING_ARGUMENT } from './limits.ts';

/** An argument of a query field. */
interface Argument {
  field: string;
  name: string;
  value: ValueNode;
}

/** The arguments of a document: the problem that it has whatever its variables are, and those that are variables. */
export interface DocumentArguments {
  problem: string | undefined;
  variables: readonly Argument[];
}

/**
 * Analyzes the names of a document and the arguments of its query fields. The list `representations` has its own limit,
 * and the inputs of mutations are validated by their use-cases.
 */
export function analyzeArguments(document: DocumentNode, operation: OperationDefinitionNode): DocumentArguments {
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
  const checked = args.filter(
    ({ name }) => operation.operation === OperationTypeNode.QUERY && name !== 'representations',
  );
  return {
    problem: nameProblem ?? firstProblem(checked, ({ value }) => literalSize(value)),
    variables: checked.filter(({ value }) => value.kind === Kind.VARIABLE),
  };
}

/** Returns the reason why the variables of the operation are rejected; undefined when they are not. */
export function variableProblem({ variables }: DocumentArguments, values: Variables): string | undefined {
  return firstProblem(variables, ({ value }) => {
    const variable = value.kind === Kind.VARIABLE ? values[value.name.value] : undefined;
    return sizeOf(variable);
  });
}

/** The number of items and the length of the longest string of a value, nested lists included. */
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
  if (Array.isArray(value)) {
    return value.length > MAX_LIST_ARGUMENT ? { items: value.length, characters: 0 } : sum(value.map(sizeOf));
  }
  return { items: 1, characters: typeof value === 'string' ? value.length : 0 };
}

function literalSize(node: ValueNode): Size {
  if (node.kind === Kind.LIST) return sum(node.values.map(literalSize));
  return { items: 1, characters: node.kind === Kind.STRING ? node.value.length : 0 };
}

function sum(sizes: readonly Size[]): Size {
  return {
    items: sizes.reduce((items, size) => items + size.items, 0),
    characters: Math.max(0, ...sizes.map(({ characters }) => characters)),
  };
}
