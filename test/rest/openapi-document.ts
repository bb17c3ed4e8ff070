import type { HttpClient } from '../support/http-client.ts';
import type { Json } from '../support/json.ts';

/** Returns the document that the service serves. */
export async function fetchDocument(service: HttpClient): Promise<Json> {
  return (await service.rest('/openapi.json')).body;
}

export function operationsOf(document: Json): [method: string, path: string, operation: Json][] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]): [string, string, Json] => [method, path, operation]),
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
