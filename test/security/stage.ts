import { type Env, type Service, startServiceWithJwks } from '../support/app.ts';
import type { AuthService } from '../support/auth-service.ts';
import type { TestDatabase } from '../support/database.ts';
import { it as base, type SignedIn } from '../support/fixtures.ts';

/** As in production, but with nobody to drain for. */
const PRODUCTION: Env = { NODE_ENV: 'production', PLAYGROUND: 'false', DRAIN_SECONDS: '0' };

/** What an attack is made on: the first badge and the first goal are ada's, the second goal is eve's. */
export interface Stage {
  service: Service;
  db: TestDatabase;
  auth: AuthService;
  ada: Pick<SignedIn, 'id' | 'token'>;
  eve: Pick<SignedIn, 'id' | 'token'>;
}

export function startInProduction({ db, auth }: Pick<Stage, 'db' | 'auth'>, env: Env = {}): Promise<Service> {
  return startServiceWithJwks(db, auth, { ...PRODUCTION, ...env });
}

/** The service of the file as it runs in production, with two people who have something. */
export const it = base.extend('stage', { scope: 'file' }, async ({ db, auth }, { onCleanup }): Promise<Stage> => {
  await auth.keys.add('RS256');
  await auth.keys.add('ES256');
  const service = await startInProduction({ db, auth });
  onCleanup(() => service.close());
  const signIn = async (id: string) => ({ ...auth.add({ id }), token: await auth.token(id) });
  const [ada, eve] = [await signIn('ada'), await signIn('eve')];
  const badge = { name: 'First steps', description: 'Finished the first lesson', icon_url: '/icons/first-steps.svg' };
  await service.rest('/users/ada/badges', { token: ada.token, body: badge });
  await service.rest('/users/ada/goals', { token: ada.token, body: { title: 'Read a book a month' } });
  await service.rest('/users/eve/goals', { token: eve.token, body: { title: 'Swim' } });
  return { service, db, auth, ada, eve };
});
