import { type FieldNode, GraphQLID, type GraphQLLeafType, GraphQLString, locatedError } from 'graphql';
import type { ExecutionContext } from './execution-context.ts';

export type Data = Record<string, unknown>;

/** Completes a resolved value by its type, as graphql-js's `completeValue` does. */
export type Complete = (value: unknown, execution: ExecutionContext) => unknown;

/** Thrown to abandon the compiled execution, after which graphql-js executes the operation. */
export const BAILOUT = new Error('left to graphql-js');

export function nonNull(complete: Complete): Complete {
  return (value, execution) => {
    if (value == null) throw BAILOUT;
    return complete(value, execution);
  };
}

export function leaf(type: GraphQLLeafType): Complete {
  if (type === GraphQLString || type === GraphQLID) {
    return (value, execution) => {
      const isText = typeof value === 'string' || (type === GraphQLID && Number.isInteger(value));
      const text = String(isText ? value : type.serialize(value));
      execution.textLength += text.length;
      return text;
    };
  }
  return (value) => {
    const serialized = value instanceof Error ? null : type.serialize(value);
    if (serialized == null) throw BAILOUT;
    return serialized;
  };
}

export function list(complete: Complete): Complete {
  const itemSetter = (at: number) => (target: unknown[], value: unknown, execution: ExecutionContext) => {
    target[at] = complete(value, execution);
  };
  return (value, execution) => {
    if (!Array.isArray(value)) throw BAILOUT;
    const data: unknown[] = new Array(value.length).fill(null);
    forEachPromise(value, (item, at) => execution.await(item, itemSetter(at), data));
    for (let at = 0; at < value.length; at++) {
      if (!(value[at] instanceof Promise)) data[at] = complete(value[at], execution);
    }
    return data;
  };
}

/** Completes `_entities`. Unlike in other lists, the error of an item is an error of this item alone. */
export function entityList(complete: Complete, nodes: readonly FieldNode[]): Complete {
  const key = (nodes[0]?.alias ?? nodes[0]?.name)?.value ?? '';
  const itemSetter = (at: number) => (target: unknown[], value: unknown, execution: ExecutionContext) => {
    if (value instanceof Error) execution.errors.push(locatedError(value, nodes, [key, at]));
    else target[at] = complete(value, execution);
  };
  return (value, execution) => {
    if (!Array.isArray(value)) throw BAILOUT;
    const data: unknown[] = new Array(value.length).fill(null);
    forEachPromise(value, (item, at) => execution.awaitSettled(item, itemSetter(at), data));
    for (let at = 0; at < value.length; at++) {
      if (!(value[at] instanceof Promise)) itemSetter(at)(data, value[at], execution);
    }
    return data;
  };
}

/** Visits the promises first: each needs its rejection handler, even when another item bails out. */
function forEachPromise(items: readonly unknown[], visit: (item: Promise<unknown>, at: number) => void): void {
  for (let at = 0; at < items.length; at++) {
    const item = items[at];
    if (item instanceof Promise) visit(item, at);
  }
}
