import './exit-on-signals.ts';
import { ConfigError, readDatabaseConfig } from './config.ts';
import { migrate } from './db/migrations.ts';

try {
  const { url, pooler } = readDatabaseConfig(process.env);
  await migrate(url, { pooler, print: (line) => void process.stderr.write(`${line}\n`) });
  process.stdout.write('the database is up to date\n');
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : `The migration failed: ${(error as Error).message}`}\n`,
  );
  // NOTE: a connection that never opens would keep the process alive
  process.exit(1);
}
