import { EnvReader } from '../../src/lib/env-reader.ts';
import { closeOnSignal } from '../lib/close-on-signal.ts';
import { print, printError } from '../lib/output.ts';
import { startAuthService } from './server.ts';

const { DATABASE_URL, PORT = '4001', HOST } = process.env;

if (DATABASE_URL) {
  const host = HOST ? { host: HOST } : {};
  const corsOrigins = new EnvReader(process.env).list('CORS_ORIGINS');
  const service = await startAuthService({ databaseUrl: DATABASE_URL, port: Number(PORT), corsOrigins, ...host });
  closeOnSignal(service.close);
  print(`serving ${service.url}`);
} else {
  printError('DATABASE_URL is missing; expected the URL of a PostgreSQL database for the auth-service alone.');
  process.exitCode = 1;
}
