import { inject } from 'vitest';
import { serviceEnv, startService } from '../support/app.ts';
import { createTestDatabase } from '../support/database.ts';
import { it as base } from '../support/fixtures.ts';

/** `isolated`: a service on a database of its own, which a test may break. */
export const it = base.extend('isolated', async ({ auth }, { onCleanup }) => {
  const db = await createTestDatabase(inject('databaseServerUrl'), inject('databaseTemplate'));
  const service = await startService(serviceEnv(db, auth));
  onCleanup(async () => {
    await service.close();
    await db.drop();
  });
  return { db, service };
});
