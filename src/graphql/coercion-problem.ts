import { type GraphQLError, Kind } from 'graphql';
import type { FieldProblem } from '../errors.ts';

/** The path of a value below its variable, such as `.activities[3].occurredAt`, at the end of a message. */
const PATH = / at "\w+((?:\.\w+|\[\d+\])+)"$/;
/** A field of an input object that is missing or unknown. The path is that of the object. */
const FIELD = /^Field "(\w{1,100})" (?:of required type|is not defined)/;
const ARGUMENT = /^Argument "(\w{1,100})" /;

/**
 * Returns the problem in an error of graphql-js about a variable or an argument; undefined for other errors. Its field
 * is the path below the variable. A variable that is no input object has its own name.
 */
export function coercionProblem({
  message,
  nodes,
  originalError,
}: GraphQLError): Omit<FieldProblem, 'kind'> | undefined {
  const argument = ARGUMENT.exec(message)?.[1];
  if (argument !== undefined) return { field: argument, message };
  const [node] = nodes ?? [];
  if (node?.kind !== Kind.VARIABLE_DEFINITION) return undefined;
  const reason = originalError?.message ?? message;
  // NOTE: the value precedes its path in the message, and quotes in texts of the value are escaped
  const path = PATH.exec(message.endsWith(`; ${reason}`) ? message.slice(0, -reason.length - 2) : '')?.[1] ?? '';
  const below = [path.replace(/^\./, ''), FIELD.exec(reason)?.[1]].filter(Boolean).join('.');
  const isNamed = below !== '' && !below.startsWith('[');
  return { field: isNamed ? below : `${node.variable.name.value}${below}`, message: reason };
}
