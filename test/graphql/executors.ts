import { type DocumentNode, Kind, type OperationDefinitionNode, parse, print } from 'graphql';
import type { Service } from '../support/app.ts';
import type { GraphqlOptions, GraphqlResponse } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

/** Returns the number of operations that each executor has executed, from `/metrics`. */
export async function operationsBy(service: Service): Promise<{ compiled: number; interpreted: number }> {
  const { text } = await service.rest('/metrics');
  const count = (executor: string) =>
    Array.from(text.matchAll(new RegExp(`^graphql_operations_total\\{.*executor="${executor}".*\\} (\\d+)`, 'gm')))
      .map(([, value]) => Number(value))
      .reduce((sum, value) => sum + value, 0);
  return { compiled: count('compiled'), interpreted: count('graphql-js') };
}

const PROBE = 'zz_left_to_graphql_js';

/**
 * Executes the query with graphql-js: adds an introspection field, which is never compiled, and removes it from the
 * response.
 */
export async function executeWithGraphqlJs(
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
 * Returns the parts of a response that both executors must agree on: the status, the data and the errors. Of several
 * errors under one null field, timing decides which is reported, so they count as one, by the path of the field.
 * Locations are left out because the probe moves them, and request ids because they differ.
 */
export function comparable({ status, body }: { status: number; body: Json }): string {
  const paths = (body.errors ?? []).map(({ path = [] }: Json) => JSON.stringify(pathToNull(body.data, path)));
  const [{ locations: _, ...only } = {} as Json] = body.errors ?? [];
  if (only.extensions) delete only.extensions.requestId;
  const errors = body.errors?.length === 1 ? only : [...new Set(paths)].sort();
  return JSON.stringify({ status, data: body.data, errors });
}

/** Returns the part of the path that leads to the null in the data. */
function pathToNull(data: Json, path: (string | number)[]): (string | number)[] {
  let value = data;
  const depth = path.findIndex((key) => {
    if (value === null) return true;
    value = value[key];
    return false;
  });
  return depth === -1 ? path : path.slice(0, depth);
}
