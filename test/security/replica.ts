import { serviceEnv } from '../support/app.ts';
import { it as base } from '../support/fixtures.ts';
import { NODE_OPTIONS } from '../support/image.ts';
import { type ServiceProcess, startServiceProcess } from '../support/process.ts';
import { insertLargeHistories } from './large-histories.ts';
import { insertLargeLists } from './large-lists.ts';

/** A service process with the heap of the image, whose database has large lists, and a token of the user `ada`. */
export interface Replica extends ServiceProcess {
  token: string;
}

/** `replica` has file scope. */
export const it = base.extend('replica', { scope: 'file' }, async ({ db, auth }, { onCleanup }): Promise<Replica> => {
  await insertLargeLists(db);
  await insertLargeHistories(db);
  const service = await startServiceProcess(
    serviceEnv(db, auth, {
      NODE_ENV: 'production',
      NODE_OPTIONS,
      DATABASE_POOL_SIZE: '10',
      DRAIN_SECONDS: '0',
      MAX_BADGES_PER_USER: '1000000', // the other client creates badges all the time
    }),
  );
  onCleanup(() => service.close());
  const { id } = auth.add({ id: 'ada' });
  return { ...service, token: await auth.token(id) };
});
