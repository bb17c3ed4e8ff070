import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type ValueNode,
  visit,
} from 'graphql';
import type { Variables } from './field-sizes.ts';
import { MAX_LIST_ARGUMENT, MAX_NAME_LENGTH, MAX_STRING_ARGUMENT } from './limits.ts';

/** A variable that is used as an argument of a query field. */
interface ArgumentVariable {
  field: string;
  argument: string;
  variable: string;
}

/** The checks of one document, made once, and those that depend on its variables. */
export interface DocumentArguments {
  /** The reason why the document is rejected whatever its variables are. */
  problem: string | undefined;
  variables: readonly ArgumentVariable[];
}

/**
 * Analyzes the names of a document and the arguments of its query fields. The list `representations` has its own limit,
 * and the inputs of mutations are validated by their use-cases.
 */
export function analyzeArguments(document: DocumentNode, operation: OperationDefinitionNode): DocumentArguments {
  let problem: string | undefined;
  const variables: ArgumentVariable[] = [];
  const isQuery = operation.operation === OperationTypeNode.QUERY;

  visit(document, {
    Name: ({ value }) => {
      if (value.length > MAX_NAME_LENGTH) problem ??= `has a name of more than ${MAX_NAME_LENGTH} characters`;
    },
    Field: (node: FieldNode) => {
      for (const { name, value } of isQuery ? (node.arguments ?? []) : []) {
        if (name.value === 'representations') continue;
        const place = { field: node.name.value, argument: name.value };
        if (value.kind === Kind.VARIABLE) variables.push({ ...place, variable: value.name.value });
        else problem ??= literalProblem(value, place);
      }
    },
  });
  return { problem, variables };
}

/** Returns the reason why the variables of the operation are rejected; undefined when they are not. */
export function variableProblem({ variables }: DocumentArguments, values: Variables): string | undefined {
  for (const { field, argument, variable } of variables) {
    const problem = sizeProblem(values[variable], { field, argument });
    if (problem !== undefined) return problem;
  }
  return undefined;
}

type Place = Pick<ArgumentVariable, 'field' | 'argument'>;

function sizeProblem(value: unknown, place: Place): string | undefined {
  if (Array.isArray(value)) {
    if (value.length > MAX_LIST_ARGUMENT) return listProblem(place);
    return value.map((item) => sizeProblem(item, place)).find((problem) => problem !== undefined);
  }
  return typeof value === 'string' && value.length > MAX_STRING_ARGUMENT ? stringProblem(place) : undefined;
}

function literalProblem(value: ValueNode, place: Place): string | undefined {
  if (value.kind === Kind.LIST && value.values.length > MAX_LIST_ARGUMENT) return listProblem(place);
  return value.kind === Kind.STRING && value.value.length > MAX_STRING_ARGUMENT ? stringProblem(place) : undefined;
}

function listProblem({ field, argument }: Place): string {
  return `has more than ${MAX_LIST_ARGUMENT} items in the argument ${argument} of ${field}`;
}

function stringProblem({ field, argument }: Place): string {
  return `has more than ${MAX_STRING_ARGUMENT} characters in the argument ${argument} of ${field}`;
}
