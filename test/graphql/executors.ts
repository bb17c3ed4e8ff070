import { type DocumentNode, Kind, type OperationDefinitionNode, parse, print } from 'graphql';
import type { Service } from '../support/app.ts';
import type { GraphqlOptions, GraphqlResponse } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

/** How many operations each executor has answered so far, as `/metrics` tells. */
export async function operationsBy(service: Service): Promise<{ compiled: number; interpreted: number }> {
  const { text } = await service.rest('/metrics');
  const count = (executor: string) =>
    Number(new RegExp(`^graphql_operations_total\\{executor="${executor}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { compiled: count('compiled'), interpreted: count('graphql-js') };
}

const PROBE = 'zz_left_to_graphql_js';

/**
 * The same query with introspection at its end, which is never compiled: so graphql-js answers it. The probe's own part
 * of the answer is taken out again.
 */
export async function askInterpreter(
  service: Service,
  query: string,
  { variables = {}, ...options }: GraphqlOptions & { variables?: Record<string, unknown> },
): Promise<Pick<GraphqlResponse, 'status' | 'body'>> {
  const { status, body } = await service.graphql(print(withProbe(parse(query))), variables, options);
  if (body?.data) delete body.data[PROBE];
  return { status, body };
}

function withProbe(document: DocumentNode): DocumentNode {
  const [probe] = (parse(`{ ${PROBE}: __type(name: "User") { name } }`).definitions[0] as OperationDefinitionNode)
    .selectionSet.selections;
  const definitions = document.definitions.map((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION || probe === undefined) return node;
    const { selectionSet } = node;
    return { ...node, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, probe] } };
  });
  return { ...document, definitions };
}

/**
 * What both executors must agree on: the data to the letter, and the errors. Of several errors under one field that
 * became null, which is told is a matter of time, so that such count as one, by that field's path; and where in its text
 * the query was at fault is moved by the probe.
 */
export function comparable({ status, body }: { status: number; body: Json }): string {
  const places = (body.errors ?? []).map(({ path = [] }: Json) => JSON.stringify(nullAbove(body.data, path)));
  const [{ locations: _, ...only } = {} as Json] = body.errors ?? [];
  const errors = body.errors?.length === 1 ? only : [...new Set(places)].sort();
  return JSON.stringify({ status, data: body.data, errors });
}

/** The path, down to where the answer is null. */
function nullAbove(data: Json, path: (string | number)[]): (string | number)[] {
  let value = data;
  const depth = path.findIndex((key) => {
    if (value === null) return true;
    value = value[key];
    return false;
  });
  return depth === -1 ? path : path.slice(0, depth);
}
