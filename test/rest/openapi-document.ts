import type { HttpClient } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

/** Returns the document that the service serves. */
export async function fetchDocument(service: HttpClient): Promise<Json> {
  return (await service.rest('/openapi.json')).body;
}

type Operation = [method: string, path: string, operation: Json];

export function operationsOf(document: Json): Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]): Operation => [method, path, operation]),
  );
}

/** Returns the target of a reference; undefined if there is none. */
export function resolveRef(document: Json, ref: string): Json {
  return ref
    .split('/')
    .slice(1)
    .reduce((node, name) => node?.[name], document);
}

/** Returns the document with each reference replaced by its target. */
export function inlined(document: Json): Json {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    if (typeof value.$ref === 'string') return visit(resolveRef(document, value.$ref));
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, visit(member)]));
  };
  return { ...document, paths: visit(document.paths) };
}

/** Returns the request that Swagger UI prefills from an operation without references, with these ids. */
export function exampleRequest([method, path, operation]: Operation, ids: Readonly<Record<string, string | number>>) {
  const { parameters = [], requestBody } = operation;
  const required: Json[] = parameters.filter((parameter: Json) => parameter.required);
  const examples = new Map<string, Json>(required.map(({ name, example }) => [name, ids[name] ?? example]));
  const target = path.replace(/\{(\w+)\}/g, (_, name) => examples.get(name));
  const query = required.filter((parameter) => parameter.in === 'query').map(({ name, example }) => [name, example]);
  return {
    url: `${target}?${new URLSearchParams(query)}`,
    method: method.toUpperCase(),
    ...(requestBody && { body: exampleOf(requestBody.content['application/json'].schema) }),
  };
}

/** Returns the example of a schema: its own, or an object or a list of those of all its parts. */
function exampleOf({ examples, items, properties }: Json): Json {
  if (examples !== undefined) return examples[0];
  if (items !== undefined) return [exampleOf(items)];
  const members = Object.entries<Json>(properties);
  return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member)]));
}
