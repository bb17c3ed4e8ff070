/** A change after which a client that follows the earlier document may fail. */
export interface BreakingChange {
  /** The place in the API, by which the changelog names the change. */
  coordinate: string;
  message: string;
}

interface Schema {
  $ref?: string;
  type?: string | string[];
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: unknown;
  items?: Schema;
  [limit: string]: unknown;
}

interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  schema: Schema;
}

interface Body {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  security?: object[];
  parameters?: Parameter[];
  requestBody?: Body;
  responses: Record<string, Body>;
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

/** The two versions of a part of the API. */
interface Pair<Part> {
  before: Part;
  after: Part;
}

type Report = (coordinate: string, message: string) => void;
type Compare = (coordinate: string, schemas: Pair<Schema>, report: Report) => void;

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const MINIMA = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const MAXIMA = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/**
 * Returns the breaking changes: removed operations, parameters, responses, headers and members, new required input,
 * narrower input, and wider output. Values that an enum of a response gains are no breaking change, as in GraphQL.
 */
export function breakingChanges(before: OpenApi, after: OpenApi): BreakingChange[] {
  const changes: BreakingChange[] = [];
  const report: Report = (coordinate, message) => void changes.push({ coordinate, message });
  const operations = operationsOf(withoutRefs(after));
  for (const [name, operation] of operationsOf(withoutRefs(before))) {
    const next = operations.get(name);
    if (next === undefined) report(name, 'is removed');
    else compareOperations(name, { before: operation, after: next }, report);
  }
  return changes;
}

/** Returns the paths of a document with each reference replaced by its target. */
export function withoutRefs(document: OpenApi): OpenApi {
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref } = value as Schema;
    return typeof $ref === 'string' ? visit(target($ref)) : mapMembers(value, visit);
  };
  const target = (ref: string) =>
    ref
      .split('/')
      .slice(1)
      .reduce<unknown>((node, name) => (node as Record<string, unknown>)[name.replace('~1', '/')], document);
  return { paths: visit(document.paths) as OpenApi['paths'] };
}

function mapMembers(value: object, map: (member: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));
}

function operationsOf({ paths }: OpenApi): Map<string, Operation> {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation === undefined ? [] : ([[`${method.toUpperCase()} ${path}`, operation]] as const);
    }),
  );
  return new Map(operations);
}

function compareOperations(name: string, { before, after }: Pair<Operation>, report: Report): void {
  if (isPublic(before) && !isPublic(after)) report(`${name} security`, 'requires a token');
  compareParameters(name, { before: before.parameters ?? [], after: after.parameters ?? [] }, report);
  const { requestBody: known = {}, responses } = before;
  const { requestBody: next = {} } = after;
  if (known.content === undefined && next.content !== undefined) report(`${name} body`, 'is required');
  compareBodies(`${name} body`, { before: known, after: next }, [compareInputs, report]);
  compareResponses(name, { before: responses, after: after.responses }, report);
}

function isPublic({ security = [] }: Operation): boolean {
  return security.length === 0;
}

function compareResponses(name: string, { before, after }: Pair<Operation['responses']>, report: Report): void {
  for (const [status, response] of Object.entries(before)) {
    const next = after[status];
    const coordinate = `${name} ${status}`;
    if (next !== undefined) compareBodies(coordinate, { before: response, after: next }, [compareOutputs, report]);
    else if (Number(status) < 400) report(coordinate, 'is removed');
  }
}

function compareParameters(name: string, { before, after }: Pair<Parameter[]>, report: Report): void {
  const keyOf = (parameter: Parameter) => `${name} ${parameter.in}.${parameter.name}`;
  const known = new Map(before.map((parameter) => [keyOf(parameter), parameter]));
  const next = new Map(after.map((parameter) => [keyOf(parameter), parameter]));
  for (const key of known.keys()) if (!next.has(key)) report(key, 'is removed');
  for (const [key, { required = false, schema }] of next) {
    const earlier = known.get(key);
    if (required && earlier?.required !== true) report(key, 'is required');
    if (earlier !== undefined) compareInputs(key, { before: earlier.schema, after: schema }, report);
  }
}

function compareBodies(coordinate: string, { before, after }: Pair<Body>, [compare, report]: [Compare, Report]): void {
  for (const header of Object.keys(before.headers ?? {})) {
    if (after.headers?.[header] === undefined) report(`${coordinate} ${header}`, 'is removed');
  }
  for (const [type, { schema }] of Object.entries(before.content ?? {})) {
    const next = after.content?.[type];
    if (next === undefined) report(coordinate, `has no ${type}`);
    else compare(coordinate, { before: schema, after: next.schema }, report);
  }
}

function compareInputs(coordinate: string, { before, after }: Pair<Schema>, report: Report): void {
  const [known, next] = [shapeOf(before), shapeOf(after)];
  if (!isSubset(known.types, next.types)) report(coordinate, `was ${list(known.types)}, and is ${list(next.types)}`);
  for (const problem of narrowings({ before, after })) report(coordinate, problem);
  const isClosed = after.additionalProperties === false;
  for (const [name, pair] of pairMembers(coordinate, { before: known, after: next })) {
    if (pair !== undefined) compareInputs(name, pair, report);
    else if (isClosed) report(name, 'is removed');
  }
  for (const name of next.required.filter((each) => !known.required.includes(each))) {
    report(`${coordinate}.${name}`, 'is required');
  }
}

function compareOutputs(coordinate: string, { before, after }: Pair<Schema>, report: Report): void {
  const [known, next] = [shapeOf(before), shapeOf(after)];
  if (!isSubset(next.types, known.types)) report(coordinate, `was ${list(known.types)}, and is ${list(next.types)}`);
  for (const [name, pair] of pairMembers(coordinate, { before: known, after: next })) {
    if (pair !== undefined) compareOutputs(name, pair, report);
    else report(name, 'is removed');
  }
  const isKept = (name: string) => next.required.includes(name) || next.properties[name] === undefined;
  for (const name of known.required.filter((each) => !isKept(each))) report(`${coordinate}.${name}`, 'may be absent');
}

/** Returns the members and the items of the earlier schema, with undefined for a member that the later one lacks. */
function pairMembers(coordinate: string, { before, after }: Pair<Shape>): [string, Pair<Schema> | undefined][] {
  const pairOf = (known: Schema, next: Schema | undefined) => next && { before: known, after: next };
  const members = Object.entries(before.properties).map(([name, schema]): [string, Pair<Schema> | undefined] => [
    `${coordinate}.${name}`,
    pairOf(schema, after.properties[name]),
  ]);
  const items = before.items && pairOf(before.items, after.items);
  return items === undefined ? members : [...members, [`${coordinate}[]`, items]];
}

/** Returns the limits of an input that are narrower than before. */
function narrowings({ before, after }: Pair<Schema>): string[] {
  const limit = (schema: Schema, name: string, fallback: number) => Number(schema[name] ?? fallback);
  const names = [
    ...MINIMA.filter((name) => limit(after, name, -Infinity) > limit(before, name, -Infinity)),
    ...MAXIMA.filter((name) => limit(after, name, Infinity) < limit(before, name, Infinity)),
    ...['format', 'pattern'].filter((name) => after[name] !== undefined && after[name] !== before[name]),
    ...(isSubset(before.enum, after.enum) ? [] : ['enum']),
  ];
  return names.map((name) => `has a narrower ${name}`);
}

interface Shape {
  /** Undefined for any type. */
  types: string[] | undefined;
  properties: Record<string, Schema>;
  required: string[];
  items: Schema | undefined;
}

/** Returns the types of a schema and its parts; those of a union are the parts of its alternatives. */
function shapeOf({ type, anyOf = [], properties = {}, required = [], items, ...rest }: Schema): Shape {
  const values = rest.const === undefined ? (rest.enum ?? []) : [rest.const];
  const own = [type ?? values.map((value) => (value === null ? 'null' : typeof value))].flat();
  const alternatives = anyOf.map(shapeOf);
  const isAny = (own.length === 0 && anyOf.length === 0) || alternatives.some(({ types }) => types === undefined);
  return {
    types: isAny ? undefined : [...own, ...alternatives.flatMap(({ types = [] }) => types)],
    properties: Object.assign({}, properties, ...alternatives.map((alternative) => alternative.properties)),
    required: [...required, ...alternatives.flatMap((alternative) => alternative.required)],
    items: items ?? alternatives.find((alternative) => alternative.items !== undefined)?.items,
  };
}

/** Returns whether all values are in the set; undefined is the set of all. */
function isSubset(values: unknown[] | undefined, of: unknown[] | undefined): boolean {
  if (of === undefined) return true;
  return values?.every((value) => of.includes(value) || (value === 'integer' && of.includes('number'))) ?? false;
}

function list(types: string[] | undefined): string {
  return types?.join(' or ') ?? 'any value';
}
