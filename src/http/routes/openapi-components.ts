import { isDeepStrictEqual } from 'node:util';

type Members = Record<string, unknown>;
type Share = (kind: 'headers' | 'responses' | 'schemas', name: string, value: unknown) => { $ref: string };

interface Operation {
  responses: Record<string, Response>;
}

interface Response {
  headers?: Members;
  content?: Record<string, { schema: unknown }>;
}

/** Their values are data: a member `title` of an example is no name. */
const DATA = ['const', 'default', 'enum', 'example', 'examples'];

/**
 * Moves the parts that operations share to `components`, so that generated clients have named types. Schemas are named
 * by their `title`, headers by their name, and error responses by the title of their schema.
 */
export function shareComponents<Document extends { components?: object; paths?: object }>(
  document: Document,
): Document {
  const shared = { schemas: {}, headers: {}, responses: {} } satisfies Record<string, Members>;
  const share: Share = (kind, name, value) => {
    const named: Members = shared[kind];
    if (name in named && !isDeepStrictEqual(named[name], value)) throw new Error(`Two ${kind} have the name ${name}`);
    named[name] = value;
    return { $ref: `#/components/${kind}/${name}` };
  };
  const paths = mapValues(document.paths as Members, (path) =>
    mapValues(path as Members, (operation) => shareResponses(shareSchemas(operation, share) as Operation, share)),
  );
  const components = mapValues(shared, (named: Members) => Object.fromEntries(Object.entries(named).sort()));
  return { ...document, paths, components: { ...document.components, ...components } };
}

function shareResponses(operation: Operation, share: Share): Operation {
  const responses = mapValues(operation.responses, (response, status) => {
    const headers = mapValues(response.headers ?? {}, (header, name) => share('headers', name, header));
    const { $ref } = (response.content?.['application/json']?.schema ?? {}) as { $ref?: string };
    const isError = Number(status) >= 400 && $ref !== undefined;
    return isError
      ? share('responses', $ref.split('/').at(-1) as string, { ...response, headers })
      : { ...response, headers };
  });
  return { ...operation, responses: responses as Operation['responses'] };
}

/** Returns the value with each schema that has a title replaced by a reference, from the inside out. */
function shareSchemas(value: unknown, share: Share): unknown {
  if (Array.isArray(value)) return value.map((item) => shareSchemas(item, share));
  if (typeof value !== 'object' || value === null) return value;
  const { title } = value as { title?: unknown };
  const members = mapValues(value as Members, (member, name) =>
    DATA.includes(name) ? member : shareSchemas(member, share),
  );
  return typeof title === 'string' ? share('schemas', title, members) : members;
}

function mapValues<Value, Result>(
  object: Record<string, Value>,
  map: (value: Value, name: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}
