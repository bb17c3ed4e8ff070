import type { Env } from '../../support/app.ts';
import { startCommand } from '../../support/command.ts';

/** `npm run db:migrate` as a child. */
export function startMigrate(env: Env) {
  return startCommand(['src/migrate.ts'], env);
}
