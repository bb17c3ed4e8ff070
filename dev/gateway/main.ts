import { readFileSync } from 'node:fs';
import { startGateway } from '../gateway.ts';
import { say } from '../lib/say.ts';
import { closeOnSignal } from '../lib/stop-signals.ts';

const { AUTH_URL, USERS_URL, GATEWAY_SECRET, PORT = '4000', HOST } = process.env;

/** The committed supergraph has the addresses of `npm run dev`; elsewhere, such as in containers, they differ. */
async function readSupergraph(): Promise<string> {
  if (!AUTH_URL || !USERS_URL) return readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');
  const { composeSupergraph } = await import('../compose.ts');
  return composeSupergraph({ authUrl: AUTH_URL, usersUrl: USERS_URL });
}

// The services accept several secrets while they are being changed; any one of them will do.
const gatewaySecret = GATEWAY_SECRET?.split(',')[0]?.trim();
const gateway = await startGateway({
  supergraph: await readSupergraph(),
  port: Number(PORT),
  host: HOST,
  gatewaySecret,
});
closeOnSignal(gateway.close);
say(`serving ${gateway.url}/graphql`);
