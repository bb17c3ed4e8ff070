import type { Service } from '../../support/app.ts';
import type { AuthService } from '../../support/auth-service.ts';
import { expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';

const ALL_SCOPES = 'activity:write activity:read activity:import streaks:write badges:manage badges:award';

const DEFINE =
  'mutation($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { definition { key } } }';
const UPDATE =
  'mutation($input: UpdateBadgeDefinitionInput!) { updateBadgeDefinition(input: $input) { definition { version } } }';
const RECORD = `mutation($input: RecordActivityInput!) { recordActivity(input: $input) {
  activity { id } replayed badges { id dateAchieved definition { key } } } }`;
const RECORD_MANY = `mutation($input: RecordActivitiesInput!) { recordActivities(input: $input) {
  results { status message activity { id } } } }`;
const AWARD = `mutation($input: AwardBadgeInput!) { awardBadge(input: $input) {
  user { id } badge { id name source status dateAchieved definition { key } evidence { version } } } }`;
const REVOKE = 'mutation($input: RevokeBadgeInput!) { revokeBadge(input: $input) { badge { id status } user { id } } }';
const REINSTATE =
  'mutation($input: ReinstateBadgeInput!) { reinstateBadge(input: $input) { badge { id status } user { id } } }';

/** The selection of a user, whom the auth-service need not know. */
export const ofUser = (fields: string, variables = '') =>
  `query($id: ID!${variables}) {
    _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { ${fields} } } }`;

/** The operations of a token with all scopes. Each definition has a new key, so that tests do not share badges. */
export async function trackerOf(service: Service, auth: AuthService, claims: object = {}) {
  const token = await auth.token(`service-${crypto.randomUUID()}`, { scope: ALL_SCOPES, ...claims });
  const send = (query: string, input: object) => service.graphql(query, { input }, { token });
  const succeed = async (query: string, input: object): Promise<Json> => {
    const { data, errors } = await send(query, input);
    expect(errors).toBeUndefined();
    return Object.values(data)[0];
  };
  let events = 0;
  return {
    token,
    /** Creates an active definition, and returns its key. */
    define: async (rule: unknown, given: object = {}): Promise<string> => {
      const key = `d-${crypto.randomUUID()}`;
      const words = { name: 'Reader', description: 'Has read a lot', iconUrl: '/icons/reader.svg' };
      await succeed(DEFINE, { key, ...words, rule, state: 'ACTIVE', ...given });
      return key;
    },
    update: (input: object) => succeed(UPDATE, input),
    /** Records an activity with a new event id unless one is given. */
    record: (userId: string, input: object = {}) =>
      succeed(RECORD, { userId, eventId: `e-${events++}`, verb: 'practice', ...input }),
    tryRecord: (input: object) => send(RECORD, input),
    recordMany: (userId: string, items: object[]) =>
      succeed(RECORD_MANY, {
        activities: items.map((item) => ({ userId, eventId: `e-${events++}`, verb: 'practice', ...item })),
      }),
    award: (input: object) => succeed(AWARD, input),
    tryAward: (input: object) => send(AWARD, input),
    revoke: (input: object) => succeed(REVOKE, input),
    tryRevoke: (input: object) => send(REVOKE, input),
    reinstate: (input: object) => succeed(REINSTATE, input),
    tryReinstate: (input: object) => send(REINSTATE, input),
    void: (id: string) =>
      succeed('mutation($input: VoidActivityInput!) { voidActivity(input: $input) { activity { id } } }', { id }),
    query: async (query: string, variables: Record<string, unknown>, as = token): Promise<Json> => {
      const { data, errors } = await service.graphql(query, variables, { token: as });
      expect(errors).toBeUndefined();
      return data;
    },
  };
}

export type Tracker = Awaited<ReturnType<typeof trackerOf>>;
