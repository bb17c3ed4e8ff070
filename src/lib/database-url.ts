const SCHEME_AND_PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#]*)(.*)$/s;
const DEFAULT_PORT = 5432;
/** The values of `target_session_attrs` that suit a service that writes. libpq's `read-write` means the primary to it. */
const TARGETS: Readonly<Record<string, 'primary' | undefined>> = {
  any: undefined,
  primary: 'primary',
  'read-write': 'primary',
};

/** A proxy that shares connections among clients, a transaction at a time; see docs/DEPLOYMENT.md. */
export type Pooler = 'none' | 'transaction';

export interface DatabaseHost {
  host: string;
  port: number;
}

/** A parsed `DATABASE_URL`. */
export interface DatabaseUrl {
  /** The URL with its first host only and without `target_session_attrs`. */
  url: URL;
  /** All hosts, in the order in which connections try them, when the URL names several; else empty. */
  hosts: readonly DatabaseHost[];
  /** Set when connections must lead to the primary: by default, when there are several hosts. */
  target: 'primary' | undefined;
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
  const hosts = names.length > 1 ? names.map(parseHost) : [];
  const attributes = url.searchParams.get('target_session_attrs') ?? (hosts.length > 0 ? 'primary' : 'any');
  if (!Object.hasOwn(TARGETS, attributes)) {
    throw new Error(`has target_session_attrs=${attributes}: expected one of ${Object.keys(TARGETS).join(', ')}`);
  }
  url.searchParams.delete('target_session_attrs');
  return { url, hosts, target: TARGETS[attributes] };
}

function parseHost(name: string): DatabaseHost {
  const url = URL.parse(`postgres://${name}`);
  if (url === null || url.hostname === '' || url.host !== name) {
    // NOTE: the text can be a part of a password that is not percent-encoded
    throw new Error('has a malformed list of hosts: expected host or host:port, separated by commas');
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) || DEFAULT_PORT };
}
