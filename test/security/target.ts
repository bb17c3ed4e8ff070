import { type Env, type Service, startServiceWithJwks } from '../support/app.ts';
import type { AuthService } from '../support/auth-service.ts';
import type { TestDatabase } from '../support/database.ts';
import { it as base, type SignedIn } from '../support/fixtures.ts';

/** The settings of production, without a drain time, and with the log lines of probes. */
const PRODUCTION: Env = { NODE_ENV: 'production', PLAYGROUND: 'false', DRAIN_SECONDS: '0', LOG_LEVEL: 'debug' };

/**
 * The target of attacks. Badge 1 and goal 1 belong to ada, goal 2 and activity 1 to eve. The manager has defined the
 * badge `first-steps`, and the draft `second-steps`, which asks for the first. The tracker records activities and
 * awards badges of all users.
 */
export interface Target {
  service: Service;
  db: TestDatabase;
  auth: AuthService;
  ada: Pick<SignedIn, 'id' | 'token'>;
  eve: Pick<SignedIn, 'id' | 'token'>;
  manager: Pick<SignedIn, 'id' | 'token'>;
  tracker: Pick<SignedIn, 'id' | 'token'>;
}

export function startProductionService({ db, auth }: Pick<Target, 'db' | 'auth'>, env: Env = {}): Promise<Service> {
  return startServiceWithJwks(db, auth, { ...PRODUCTION, ...env });
}

/** One service per file with the settings of production, and two users with data. */
export const it = base.extend('target', { scope: 'file' }, async ({ db, auth }, { onCleanup }): Promise<Target> => {
  db.hasSharedRows = true;
  await auth.keys.add('RS256');
  await auth.keys.add('ES256');
  const service = await startProductionService({ db, auth });
  onCleanup(() => service.close());
  const signIn = async (id: string) => ({ ...auth.add({ id }), token: await auth.token(id) });
  const [ada, eve] = [await signIn('ada'), await signIn('eve')];
  const badge = { name: 'First steps', description: 'Finished the first lesson', icon_url: '/icons/first-steps.svg' };
  await service.rest('/users/ada/badges', { token: ada.token, body: badge });
  await service.rest('/users/ada/goals', { token: ada.token, body: { title: 'Read a book a month' } });
  await service.rest('/users/eve/goals', { token: eve.token, body: { title: 'Swim' } });
  await service.rest('/users/eve/activities', { token: eve.token, body: { event_id: 'lesson-1', verb: 'practice' } });
  const manager = { id: 'manager', token: await auth.token('manager', { scope: 'badges:manage' }) };
  const tracker = { id: 'tracker', token: await auth.token('tracker', { scope: 'activity:write badges:award' }) };
  const define =
    'mutation ($input: CreateBadgeDefinitionInput!) { createBadgeDefinition(input: $input) { __typename } }';
  const { icon_url: iconUrl, ...words } = badge;
  const [first, second] = [
    { key: 'first-steps', state: 'ACTIVE', rule: { streak: { gte: 7 } } },
    { key: 'second-steps', rule: { badge: { key: 'first-steps' } } },
  ];
  for (const definition of [first, second]) {
    await service.graphql(define, { input: { ...definition, ...words, iconUrl } }, { token: manager.token });
  }
  return { service, db, auth, ada, eve, manager, tracker };
});
