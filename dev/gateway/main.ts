import { readFileSync } from 'node:fs';
import { EnvReader } from '../../src/lib/env-reader.ts';
import { closeOnSignal } from '../lib/close-on-signal.ts';
import { print } from '../lib/output.ts';
import { startGateway } from './server.ts';

const { AUTH_URL, USERS_URL, GATEWAY_SECRET, SIGN_IN_URL, PORT = '4000', HOST } = process.env;

/** Returns the committed supergraph, or one with the given subgraph URLs, which differ in containers. */
async function loadSupergraph(): Promise<string> {
  if (!AUTH_URL || !USERS_URL) return readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');
  const { composeSupergraph } = await import('../compose-supergraph.ts');
  return composeSupergraph({ authUrl: AUTH_URL, usersUrl: USERS_URL });
}

// The services accept a comma-separated list of secrets during a rotation; the gateway sends the first.
const gatewaySecret = GATEWAY_SECRET?.split(',')[0]?.trim();
const gateway = await startGateway({
  supergraph: await loadSupergraph(),
  port: Number(PORT),
  host: HOST,
  gatewaySecret,
  signInUrl: SIGN_IN_URL,
  corsOrigins: new EnvReader(process.env).list('CORS_ORIGINS'),
});
closeOnSignal(gateway.close);
print(`serving ${gateway.url}/graphql`);
