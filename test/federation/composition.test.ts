import { readdirSync, readFileSync } from 'node:fs';
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
import type { Service } from '../support/app.ts';
import { describe, expect, it } from '../support/fixtures.ts';
import { authSubgraph, composers, subgraph } from './composers.ts';

const FOLDER = new URL('../../schema/', import.meta.url);
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.graphql'));
const committedSdl = files.map((file) => readFileSync(new URL(file, FOLDER), 'utf8')).join('\n');

/** What a gateway that polls its subgraphs gets. */
async function servedSdl(service: Service): Promise<string> {
  const { data } = await service.graphql('{ _service { sdl } }');
  return data._service.sdl;
}

/** What clients see of a graph. Cosmo's composer leaves federation's own scalars in it, where a subgraph defines them. */
function printed(schema: GraphQLSchema | undefined): string {
  const text = schema === undefined ? '' : printSchema(lexicographicSortSchema(schema));
  return text.replace(/^scalar federation__\w+$/gm, '').trim();
}

function fieldsOf(type: unknown): string[] {
  return Object.keys((type as GraphQLObjectType).getFields()).sort();
}

describe.each(Object.entries(composers))('the subgraph composes for %s', (_gateway, compose) => {
  it('with an auth-service, from the files in schema/', () => {
    const { errors, schema } = compose([authSubgraph(), subgraph('users', committedSdl)]);
    expect(errors).toEqual([]);
    expect(fieldsOf(schema?.getType('User'))).toEqual([
      'avatarUrl',
      'badges',
      'badgesConnection',
      'displayName',
      'email',
      'goals',
      'goalsConnection',
      'id',
      'statistics',
      'username',
    ]);
    expect(fieldsOf(schema?.getQueryType())).toEqual(['badge', 'goal', 'learner', 'me', 'user', 'viewer']);
    expect(fieldsOf(schema?.getMutationType())).toEqual(['createBadge', 'createGoal', 'deleteGoal', 'updateGoal']);
  });

  it('with an auth-service, from the SDL that the running service gives', async ({ service }) => {
    const served = compose([authSubgraph(), subgraph('users', await servedSdl(service))]);
    expect(served.errors).toEqual([]);
    const committed = compose([authSubgraph(), subgraph('users', committedSdl)]);
    expect(printed(served.schema)).toBe(printed(committed.schema));
  });

  it('without a warning, but that the auth-service describes a person in its own words', () => {
    const { warnings } = compose([authSubgraph(), subgraph('users', committedSdl)]);
    expect(warnings.filter(({ code }) => code !== 'INCONSISTENT_DESCRIPTION')).toEqual([]);
  });

  it('with subgraphs that page and date things as it does', () => {
    const other = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@shareable"])
      scalar DateTime @specifiedBy(url: "https://scalars.graphql.org/andimarek/date-time.html")
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

  it('and would be refused with an error in it', () => {
    const broken = committedSdl.replace('@key(fields: "id")', '@key(fields: "nothing")');
    expect(compose([authSubgraph(), subgraph('users', broken)]).errors).not.toEqual([]);
  });
});

describe.each([
  ['in schema/', async (_service: Service) => committedSdl],
  ['that the running service gives', servedSdl],
])('the SDL %s', (_where, read) => {
  it('asks for federation 2.9, the newest that every composer knows', async ({ service }) => {
    expect(linkedSpecs(parse(await read(service)))).toEqual(['https://specs.apollo.dev/federation/v2.9']);
  });

  it('has only directives that every gateway accepts: authorisation is not among them', async ({ service }) => {
    const used = new Set<string>();
    visit(parse(await read(service)), { Directive: ({ name }) => void used.add(name.value) });
    const accepted = ['cost', 'inaccessible', 'key', 'link', 'listSize', 'shareable', 'specifiedBy', 'tag'];
    expect([...used].filter((name) => !accepted.includes(name))).toEqual([]);
  });

  it('describes every type, field, argument, enum value and input field', async ({ service }) => {
    const document = parse(await read(service));
    const { described, bare } = descriptions(document);
    expect(bare).toEqual([]);
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

/** What @apollo/subgraph adds: `_entities`, `_Any`, `federation__FieldSet` and so on. */
const MACHINERY = /^_|^(link|federation)__/;

/** How many parts of the document say what they are, and the coordinates of those that do not. */
function descriptions(document: DocumentNode) {
  const path: string[] = [];
  const bare: string[] = [];
  let described = 0;
  const nameOf = (node: ASTNode) => ('name' in node && node.name?.kind === Kind.NAME ? node.name.value : '');
  visit(document, {
    enter(node) {
      if (node.kind === Kind.DIRECTIVE_DEFINITION || MACHINERY.test(nameOf(node))) return false;
      if (/(Definition|Extension)$/.test(node.kind)) path.push(nameOf(node));
      if (!DESCRIBABLE.has(node.kind)) return undefined;
      const { description } = node as { description?: { value: string } };
      if (description?.value.trim()) described += 1;
      else bare.push(path.join('.'));
      return undefined;
    },
    leave(node) {
      if (/(Definition|Extension)$/.test(node.kind)) path.pop();
    },
  });
  return { described, bare };
}
