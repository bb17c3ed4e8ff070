import type { Env } from '../../support/app.ts';
import { startCommand } from '../../support/command.ts';

/** Starts `npm run db:migrate` as a child process. */
export function startMigrate(env: Env) {
  return startCommand(['src/migrate.ts'], env);
}
