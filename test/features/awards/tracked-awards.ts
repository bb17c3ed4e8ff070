import { expect } from '../../support/fixtures.ts';
import type { Json } from '../../support/json.ts';
import { it as base } from '../../support/tracked-user.ts';

const DEFINE = `mutation($input: CreateBadgeDefinitionInput!) {
  createBadgeDefinition(input: $input) { definition { key } } }`;

/** Definitions apply to all users: those of a test are archived when it ends. */
export const it = base
  /** Creates an active definition through the service of a tracked user, and returns its key. */
  .extend('define', async ({ auth, db, serve }, { onCleanup }) => {
    onCleanup(async () => {
      await db.sql`update badge_definitions set state = 'archived'`;
      await db.sql`update badge_definition_revision set revision = revision + 1`;
    });
    const service = await serve();
    const token = await auth.token('manager', { scope: 'badges:manage' });
    return async (rule: Json, given: object = {}): Promise<string> => {
      const key = `d-${crypto.randomUUID()}`;
      const words = { name: 'Keen', description: 'For practice', iconUrl: '/keen.svg', state: 'ACTIVE' };
      const { errors } = await service.graphql(DEFINE, { input: { key, rule, ...words, ...given } }, { token });
      expect(errors).toBeUndefined();
      return key;
    };
  })
  /** Returns the award keys of a user's badges with the dates on which they were achieved, in UTC. */
  .extend('awards', ({ db }) => async (userId: string): Promise<string[]> => {
    const rows = await db.sql`
      select award_key || ' ' || (date_achieved at time zone 'UTC')::date as award from badges
      where auth_user_id = ${userId} order by id`;
    return rows.map(({ award }) => String(award));
  });
