import { type GraphQLField, type GraphQLObjectType, getNamedType, isLeafType, isObjectType } from 'graphql';
import { resolvers } from '../../src/features/registry.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import type { Service } from '../support/app.ts';
import type { AuthService } from '../support/auth-service.ts';
import { badgeBody, describe, expect, it, type SignedIn } from '../support/fixtures.ts';
import type { Json } from '../support/json.ts';
import { trackerOf } from './awards/tracker.ts';

const schema = buildSchema(resolvers, { maxEntities: 1000 });

/** The types whose lists read fewer columns for some of their fields, with a field and the column that it needs. */
const LISTS = [
  {
    type: 'Badge',
    list: 'badges',
    basic: 'id name description iconUrl dateAchieved',
    other: 'source',
    column: 'source',
  },
  {
    type: 'LearningGoal',
    list: 'goals',
    basic: 'id title description status streakCount createdAt',
    other: 'updatedAt',
    column: 'updated_at',
  },
];

/** Returns a selection of each field of the type; of an object, its leaves. */
function selections(typeName: string): { name: string; selection: string }[] {
  const type = schema.getType(typeName) as GraphQLObjectType;
  return Object.values(type.getFields()).map((field) => ({ name: field.name, selection: selectionOf(field) }));
}

function selectionOf({ name, type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return name;
  const leaves = Object.values(named.getFields()).filter((field) => isLeafType(getNamedType(field.type)));
  return `${name} { __typename ${leaves.map((field) => field.name).join(' ')} }`;
}

/** Creates badges of both kinds, and goals with and without activities, targets and a completion. */
async function fillLists(service: Service, auth: AuthService, { id, token }: SignedIn): Promise<void> {
  const post = async (path: string, body: object): Promise<Json> => {
    const response = await service.rest(`/users/${id}/${path}`, { token, body });
    expect(response.status).toBe(200);
    return response.body;
  };
  await post('badges', badgeBody());
  await post('goals', { title: 'Plain' });
  await post('goals', { title: 'Done', status: 'completed', streak_count: 3 });
  const due = { due_on: '2099-12-31', target_quantity: 10, description: 'Each day' };
  const daily = await post('goals', { title: 'Daily', streak_count: 5, ...due });
  const weekly = await post('goals', { title: 'Weekly', times_per_week: 1 });
  const tracker = await trackerOf(service, auth);
  await tracker.define({ count: { verb: 'practice', gte: 2 } });
  for (const goal of [daily, weekly]) await tracker.record(id, { goalId: String(goal.id) });
}

describe('a list that reads the columns of the selected fields', () => {
  it.for(LISTS)(
    'has the same value of each field of $type, selected alone or with all others',
    async ({ type, list }, { service, auth, createUser }) => {
      const user = await createUser();
      await fillLists(service, auth, user);
      const read = async (fields: string): Promise<Json> => {
        const connection = `${list}Connection { nodes { ${fields} } edges { cursor node { ${fields} } } pageInfo { endCursor } }`;
        const query = `{ viewer { ${list} { ${fields} } ${connection} } }`;
        const { data, errors } = await service.graphql(query, {}, { token: user.token });
        expect(errors).toBeUndefined();
        const { [list]: rows, [`${list}Connection`]: page } = data.viewer;
        expect(page.nodes).toEqual(rows);
        expect(page.edges.map(({ node }: Json) => node)).toEqual(rows);
        return { rows, cursors: page.edges.map(({ cursor }: Json) => cursor), end: page.pageInfo.endCursor };
      };
      const fields = selections(type);
      const whole = await read(fields.map(({ selection }) => selection).join(' '));
      expect(whole.rows.length).toBeGreaterThan(1);
      for (const { name, selection } of fields) {
        const rows = whole.rows.map((row: Json) => ({ [name]: row[name] }));
        expect(await read(selection)).toEqual({ ...whole, rows });
      }
    },
  );

  it.for(LISTS)(
    'reads few columns for the fields of $type that most clients select',
    async (given, { service, createUser }) => {
      const { list, basic, other, column } = given;
      const { token } = await createUser();
      const columnsFor = async (fields: string): Promise<string> => {
        service.statements.clear();
        const query = `query Read { viewer { ...Lists } } fragment Lists on User { ${list} { __typename ${fields} } }`;
        await service.graphql(query, {}, { token });
        return service.statements.join();
      };
      expect(await columnsFor(basic)).not.toContain(`"${column}"`);
      expect(await columnsFor(`${basic} ... on ${given.type} { ${other} }`)).toContain(`"${column}"`);
      expect(await columnsFor(`${basic} renamed: ${other}`)).toContain(`"${column}"`);
    },
  );
});
