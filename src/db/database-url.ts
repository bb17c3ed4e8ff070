import { readFileSync } from 'node:fs';

const SCHEME_AND_PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s;
const DEFAULT_PORT = 5432;
/**
 * The values of `target_session_attrs` that suit a service that writes. libpq's `read-write` means the primary to it.
 */
const TARGETS: Readonly<Record<string, 'primary' | undefined>> = {
  any: undefined,
  primary: 'primary',
  'read-write': 'primary',
};

/** Parameters of libpq that neither postgres.js nor PostgreSQL knows: PostgreSQL would reject each connection. */
const UNSUPPORTED = [
  'dbname',
  'fallback_application_name',
  'gssdelegation',
  'gssencmode',
  'gsslib',
  'host',
  'hostaddr',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'krbsrvname',
  'load_balance_hosts',
  'max_protocol_version',
  'min_protocol_version',
  'passfile',
  'password',
  'port',
  'require_auth',
  'requirepeer',
  'scram_client_key',
  'scram_server_key',
  'service',
  'ssl_max_protocol_version',
  'ssl_min_protocol_version',
  'sslcert',
  'sslcertmode',
  'sslcompression',
  'sslcrl',
  'sslcrldir',
  'sslkey',
  'sslpassword',
  'sslsni',
  'tcp_user_timeout',
  'user',
];

/** A proxy that shares connections among clients, a transaction at a time; see docs/DEPLOYMENT.md. */
export type Pooler = 'none' | 'transaction';

export interface DatabaseHost {
  host: string;
  port: number;
}

/** A parsed `DATABASE_URL`. */
export interface DatabaseUrl {
  /** The URL with its first host only, and without the parameters that PostgreSQL does not know. */
  url: URL;
  /** All hosts, in the order in which connections try them, when the URL names several; else empty. */
  hosts: readonly DatabaseHost[];
  /** Set when connections must lead to the primary: by default, when there are several hosts. */
  target: 'primary' | undefined;
  /** The certificates of `sslrootcert`, with which the server's certificate and name are verified. */
  ssl: { ca: string } | undefined;
}

/**
 * Parses a PostgreSQL URL. It may name several hosts as libpq's URLs do, which WHATWG URLs do not allow:
 * `postgres://user:password@host1:5432,host2:5432/database?target_session_attrs=primary`.
 * @throws Error whose message continues the name of the variable
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const [, scheme = '', credentials = '', authority = '', rest = ''] = SCHEME_AND_PARTS.exec(text) ?? [];
  const names = authority.split(',');
  const url = URL.parse(`${scheme}${credentials}${names[0]}${rest}`);
  if (scheme === '' || url === null) {
    throw new Error('must be a URL that starts with postgres:// or postgresql://');
  }
  for (const part of [url.username, url.password, url.pathname]) requirePercentEncoding(part);
  const hosts = names.length > 1 ? names.map(parseHost) : [];
  const attributes = url.searchParams.get('target_session_attrs') ?? (hosts.length > 0 ? 'primary' : 'any');
  if (!Object.hasOwn(TARGETS, attributes)) {
    throw new Error(`has target_session_attrs=${attributes}: expected one of ${Object.keys(TARGETS).join(', ')}`);
  }
  url.searchParams.delete('target_session_attrs');
  rejectUnsupported(url.searchParams);
  return { url, hosts, target: TARGETS[attributes], ssl: readRootCertificates(url.searchParams) };
}

function requirePercentEncoding(text: string): void {
  try {
    decodeURIComponent(text);
  } catch {
    // NOTE: the error has no cause, because the text has the password
    throw new Error('has an invalid percent-encoding: write % as %25');
  }
}

/** Removes a `channel_binding` that requires nothing. */
function rejectUnsupported(parameters: URLSearchParams): void {
  if (parameters.get('channel_binding') === 'require') {
    throw new Error('has channel_binding=require, which postgres.js cannot do: use sslmode=verify-full instead');
  }
  parameters.delete('channel_binding');
  const name = UNSUPPORTED.find((each) => parameters.has(each));
  if (name !== undefined) throw new Error(`has ${name}, which is not supported: remove it`);
}

/** Reads and removes `sslrootcert`. With `system`, the authorities that Node trusts are used, as without it. */
function readRootCertificates(parameters: URLSearchParams): { ca: string } | undefined {
  const path = parameters.get('sslrootcert');
  if (path === null) return undefined;
  const mode = parameters.get('sslmode');
  // NOTE: libpq would verify the certificate only, or nothing
  if (mode !== 'verify-full') throw new Error('has sslrootcert without sslmode=verify-full');
  parameters.delete('sslrootcert');
  if (path === 'system') return undefined;
  try {
    return { ca: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new Error(`has sslrootcert=${path}, which cannot be read: ${(error as Error).message}`);
  }
}

function parseHost(name: string): DatabaseHost {
  const url = URL.parse(`postgres://${name}`);
  if (url === null || url.hostname === '' || url.host !== name) {
    // NOTE: the text can be a part of a password that is not percent-encoded
    throw new Error('has a malformed list of hosts: expected host or host:port, separated by commas');
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) || DEFAULT_PORT };
}
