import { say, saySorry } from '../lib/say.ts';
import { closeOnSignal } from '../lib/stop-signals.ts';
import { startAuthService } from './server.ts';

const { DATABASE_URL, PORT = '4001', HOST } = process.env;

if (DATABASE_URL) {
  const host = HOST ? { host: HOST } : {};
  const service = await startAuthService({ databaseUrl: DATABASE_URL, port: Number(PORT), ...host });
  closeOnSignal(service.close);
  say(`serving ${service.url}`);
} else {
  saySorry('DATABASE_URL is missing: the auth-service keeps its people in a PostgreSQL database of their own.');
  process.exitCode = 1;
}
