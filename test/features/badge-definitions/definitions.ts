import type { Service } from '../../support/app.ts';
import { it as base } from '../../support/fixtures.ts';
import type { GraphqlResponse } from '../../support/http-client.ts';
import type { Json } from '../../support/json.ts';

const FIELDS = 'key state version name description iconUrl rule repeat';
const CREATE = `mutation($input: CreateBadgeDefinitionInput!) {
  createBadgeDefinition(input: $input) { definition { ${FIELDS} } }
}`;
const UPDATE = `mutation($input: UpdateBadgeDefinitionInput!) {
  updateBadgeDefinition(input: $input) { definition { ${FIELDS} } }
}`;
const VIEW = `query($key: ID!) { badgeDefinition(key: $key) { ${FIELDS} } }`;
const LIST = `query($first: Int, $after: String) { badgeDefinitions(first: $first, after: $after) { ${FIELDS} } }`;

let created = 0;
/** Returns a key that no other test of the file has used. */
export const newKey = (): string => `badge-${String(++created).padStart(4, '0')}`;

/** Returns the input for a valid definition. */
export const definitionInput = (given: Json = {}): Json => ({
  key: newKey(),
  name: 'First steps',
  description: 'Finished the first lesson',
  iconUrl: '/icons/first-steps.svg',
  ...given,
});

export const streak = (gte: number) => ({ streak: { gte } });
export const count = (verb: string, gte = 1) => ({ count: { verb, gte } });
export const badge = (key: string) => ({ badge: { key } });

/** The operations on definitions, for a token or none. */
interface Definitions {
  create(given?: Json): Promise<GraphqlResponse>;
  update(input: Json): Promise<GraphqlResponse>;
  view(key: string): Promise<GraphqlResponse>;
  list(args?: { first?: Json; after?: Json }): Promise<GraphqlResponse>;
}

export function definitionsOf(service: Service, token?: string): Definitions {
  const options = token === undefined ? {} : { token };
  return {
    create: (given) => service.graphql(CREATE, { input: definitionInput(given) }, options),
    update: (input) => service.graphql(UPDATE, { input }, options),
    view: (key) => service.graphql(VIEW, { key }, options),
    list: (args = {}) => service.graphql(LIST, args, options),
  };
}

/** `manager` has the scope `badges:manage`, `visitor` has no token. */
export const it = base
  .extend('managerToken', { scope: 'file' }, ({ auth }) => auth.token('manager', { scope: 'badges:manage' }))
  .extend('manager', ({ service, managerToken }) => definitionsOf(service, managerToken))
  .extend('visitor', ({ service }) => definitionsOf(service))
  /** Creates a definition and returns it; fails when it is rejected. */
  .extend('define', ({ manager }) => async (given?: Json): Promise<Json> => {
    const { data, errors } = await manager.create(given);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data.createBadgeDefinition.definition;
  });

/** Returns the code and the field of each error. */
export const problemsIn = ({ errors = [] }: GraphqlResponse) =>
  errors.map(({ extensions: { code, field } }) => ({ code, ...(field && { field }) }));
