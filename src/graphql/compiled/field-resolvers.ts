import {
  type FieldNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  getArgumentValues,
  Kind,
  type ValueNode,
} from 'graphql';
import { BAILOUT, type Data } from './completers.ts';
import type { ExecutionContext } from './execution-context.ts';

/** Resolves a field of the source object. */
type ResolveField = (source: object, execution: ExecutionContext) => unknown;

/** Resolves a field without a resolver, as graphql-js's default resolver does. */
export function propertyResolver(name: string): ResolveField {
  return (source) => {
    const value = (source as Data)[name];
    if (typeof value === 'function') throw BAILOUT;
    return value;
  };
}

/** Calls the resolver without `info`, which is the costliest part of a field and which none of our resolvers uses. */
export function fieldResolver(
  resolve: GraphQLFieldResolver<unknown, unknown>,
  argsOf: (execution: ExecutionContext) => Data,
): ResolveField {
  if (resolve.length > 3) throw BAILOUT;
  const withoutInfo = resolve as (source: unknown, args: Data, context: unknown) => unknown;
  return (source, execution) => withoutInfo(source, argsOf(execution), execution.context);
}

/** Returns the field's arguments: one object per execution, or for all executions when they use no variable. */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (execution: ExecutionContext) => Data {
  const hasVariables = node.arguments?.some(({ value }) => usesVariable(value)) ?? false;
  if (hasVariables) {
    return (execution) => execution.once(node, () => getArgumentValues(field, node, execution.variables));
  }
  const args = Object.freeze(getArgumentValues(field, node));
  return () => args;
}

function usesVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(usesVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => usesVariable(field.value));
  return value.kind === Kind.VARIABLE;
}
