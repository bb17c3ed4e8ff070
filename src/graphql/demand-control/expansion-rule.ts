import {
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { validationAbortedError } from 'graphql/validation/validationAbortedError.js';
import { MAX_SELECTIONS } from './limits.ts';

/**
 * Rejects fragments in a cycle, and operations with too many selections after the expansion of their fragments. This
 * validation rule ends the validation: graphql-js would compare the fields of each pair of fragments in cycles
 * recursively, and exceed the stack.
 */
export function expansionRule(context: ValidationContext): ASTVisitor {
  return {
    Document: {
      enter(document: DocumentNode) {
        const problem = new Expansion(document).problem();
        if (problem === undefined) return;
        context.reportError(problem);
        throw validationAbortedError;
      },
    },
  };
}

class Expansion {
  readonly #document: DocumentNode;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Selections of a fragment; undefined while they are counted. */
  readonly #counts = new Map<FragmentDefinitionNode, number | undefined>();
  #cyclic: FragmentDefinitionNode | undefined;

  constructor(document: DocumentNode) {
    this.#document = document;
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((node) => [node.name.value, node]));
  }

  problem(): GraphQLError | undefined {
    for (const node of this.#document.definitions) {
      const isFragment = node.kind === Kind.FRAGMENT_DEFINITION;
      if (!isFragment && node.kind !== Kind.OPERATION_DEFINITION) continue;
      const count = isFragment ? this.#fragment(node) : this.#selections(node.selectionSet);
      if (this.#cyclic !== undefined) return cycleError(this.#cyclic);
      if (count > MAX_SELECTIONS) return sizeError(node);
    }
    return undefined;
  }

  #selections({ selections }: SelectionSetNode): number {
    return selections.reduce((sum, node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return sum + 1 + this.#fragment(this.#fragments.get(node.name.value));
      return sum + 1 + (node.selectionSet === undefined ? 0 : this.#selections(node.selectionSet));
    }, 0);
  }

  #fragment(fragment: FragmentDefinitionNode | undefined): number {
    if (fragment === undefined) return 0;
    if (this.#counts.has(fragment)) {
      const count = this.#counts.get(fragment);
      if (count === undefined) this.#cyclic ??= fragment;
      return count ?? 0;
    }
    this.#counts.set(fragment, undefined);
    const count = this.#selections(fragment.selectionSet);
    this.#counts.set(fragment, count);
    return count;
  }
}

function sizeError(node: OperationDefinitionNode | FragmentDefinitionNode): GraphQLError {
  const message = `The operation has more than ${MAX_SELECTIONS} selections after the expansion of its fragments.`;
  return new GraphQLError(message, { nodes: [node] });
}

function cycleError(fragment: FragmentDefinitionNode): GraphQLError {
  return new GraphQLError(`Cannot spread fragment "${fragment.name.value}" within itself.`, { nodes: [fragment] });
}
