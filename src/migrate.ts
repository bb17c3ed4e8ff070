import { ConfigError, readDatabaseUrl } from './config.ts';
import { migrate } from './db/migrate.ts';

try {
  await migrate(readDatabaseUrl(process.env));
  process.stdout.write('the database is at the present schema\n');
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : `The migration failed: ${(error as Error).message}`}\n`,
  );
  process.exitCode = 1;
}
