import { ConfigError, readDatabaseUrl } from './config.ts';
import { migrate } from './db/migrations.ts';

try {
  await migrate(readDatabaseUrl(process.env));
  process.stdout.write('the database is up to date\n');
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : `The migration failed: ${(error as Error).message}`}\n`,
  );
  process.exitCode = 1;
}
