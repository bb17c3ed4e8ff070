import {
  type ASTNode,
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
  visit,
} from 'graphql';
import { vi } from 'vitest';
import type { Service } from '../support/app.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { COMMITTED_SDL as committedSdl, declaredFields } from '../support/schema-fields.ts';
import { authSdl, authSubgraph, composers, subgraph } from './composers.ts';

/**
 * Returns the SDL that the service serves to gateways. The composers block the event loop, so that it rejects requests.
 */
function servedSdl(service: Service): Promise<string> {
  return vi.waitUntil(async () => (await service.graphql('{ _service { sdl } }')).data?._service.sdl, {
    timeout: 10_000,
  });
}

/** Prints the client schema of a supergraph without federation's scalars, which Cosmo's composer keeps. */
function printClientSchema(schema: GraphQLSchema | undefined): string {
  const text = schema === undefined ? '' : printSchema(lexicographicSortSchema(schema));
  return text.replace(/^scalar federation__\w+$/gm, '').trim();
}

function fieldsOf(type: unknown): string[] {
  return Object.keys((type as GraphQLObjectType).getFields()).sort();
}

describe.each(Object.entries(composers))('the subgraph composes for %s', (_gateway, compose) => {
  it('with the auth-service, from the files in schema/', () => {
    const { errors, schema } = compose([authSubgraph(), subgraph('users', committedSdl)]);
    expect(errors).toEqual([]);
    const all = `${authSdl}\n${committedSdl}`;
    expect(fieldsOf(schema?.getType('User'))).toEqual(declaredFields('User', all));
    expect(fieldsOf(schema?.getType('User'))).toEqual(expect.arrayContaining(['badges', 'email', 'streak']));
    expect(fieldsOf(schema?.getQueryType())).toEqual(declaredFields('Query', all));
    expect(fieldsOf(schema?.getMutationType())).toEqual(declaredFields('Mutation', all));
  });

  it('with the auth-service, from the SDL that the running service serves', async ({ service }) => {
    const served = compose([authSubgraph(), subgraph('users', await servedSdl(service))]);
    expect(served.errors).toEqual([]);
    const committed = compose([authSubgraph(), subgraph('users', committedSdl)]);
    expect(printClientSchema(served.schema)).toBe(printClientSchema(committed.schema));
  });

  it('without warnings, except that the auth-service describes User differently', () => {
    const { warnings } = compose([authSubgraph(), subgraph('users', committedSdl)]);
    expect(warnings.filter(({ code }) => code !== 'INCONSISTENT_DESCRIPTION')).toEqual([]);
  });

  it('with subgraphs that define the same PageInfo and DateTime', () => {
    const other = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@shareable"])
      scalar DateTime @specifiedBy(url: "https://scalars.graphql.org/chillicream/date-time.html")
      type PageInfo @shareable {
        hasNextPage: Boolean!
        hasPreviousPage: Boolean!
        startCursor: String
        endCursor: String
      }
      type Query { courses: PageInfo!  today: DateTime! }`;
    expect(compose([subgraph('courses', other), subgraph('users', committedSdl)]).errors).toEqual([]);
  });

  it('alone', () => {
    expect(compose([subgraph('users', committedSdl)]).errors).toEqual([]);
  });

  it('and fails to compose when its SDL has an error', () => {
    const invalidSdl = committedSdl.replace('@key(fields: "id")', '@key(fields: "nothing")');
    expect(compose([authSubgraph(), subgraph('users', invalidSdl)]).errors).not.toEqual([]);
  });
});

describe.each([
  ['in schema/', async (_service: Service) => committedSdl],
  ['that the running service serves', servedSdl],
])('the SDL %s', (_where, read) => {
  it('links federation 2.9, the newest version that every composer supports', async ({ service }) => {
    expect(linkedSpecs(parse(await read(service)))).toEqual(['https://specs.apollo.dev/federation/v2.9']);
  });

  it('uses only directives that every gateway accepts, so none for authorization', async ({ service }) => {
    const used = new Set<string>();
    visit(parse(await read(service)), { Directive: ({ name }) => void used.add(name.value) });
    const accepted = ['cost', 'inaccessible', 'key', 'link', 'listSize', 'shareable', 'specifiedBy', 'tag'];
    expect([...used].filter((name) => !accepted.includes(name))).toEqual([]);
  });

  it('describes every type, field, argument, enum value and input field', async ({ service }) => {
    const document = parse(await read(service));
    const { described, undescribed } = descriptions(document);
    expect(undescribed).toEqual([]);
    expect(described).toBeGreaterThan(80);
  });
});

function linkedSpecs(document: DocumentNode): string[] {
  const specs: string[] = [];
  visit(document, {
    Directive({ name, arguments: given = [] }) {
      const url = given.find((argument) => argument.name.value === 'url')?.value;
      if (name.value === 'link' && url?.kind === Kind.STRING) specs.push(url.value);
    },
  });
  return specs.filter((url) => url.includes('/federation/'));
}

const DESCRIBABLE: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
]);

/** Matches the names that @apollo/subgraph adds, such as `_entities`, `_Any` and `federation__FieldSet`. */
const FEDERATION_NAMES = /^_|^(link|federation)__/;

/** Returns the number of described parts of the document, and the coordinates of those without a description. */
function descriptions(document: DocumentNode) {
  const path: string[] = [];
  const undescribed: string[] = [];
  let described = 0;
  const nameOf = (node: ASTNode) => ('name' in node && node.name?.kind === Kind.NAME ? node.name.value : '');
  visit(document, {
    enter(node) {
      if (node.kind === Kind.DIRECTIVE_DEFINITION || FEDERATION_NAMES.test(nameOf(node))) return false;
      if (/(Definition|Extension)$/.test(node.kind)) path.push(nameOf(node));
      if (!DESCRIBABLE.has(node.kind)) return undefined;
      const { description } = node as { description?: { value: string } };
      if (description?.value.trim()) described += 1;
      else undescribed.push(path.join('.'));
      return undefined;
    },
    leave(node) {
      if (/(Definition|Extension)$/.test(node.kind)) path.pop();
    },
  });
  return { described, undescribed };
}
