import { KeyObject } from 'node:crypto';
import { CompactSign, createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';

type Algorithm = 'EdDSA' | 'ES256' | 'RS256';

/** A key pair. `privateKey` signs with every algorithm of its type: an RS256 key also signs PS256. */
export interface SigningKey {
  kid: string;
  alg: Algorithm;
  privateKey: KeyObject;
  jwk: JWK;
}

export interface TokenOptions {
  /** EdDSA by default. A key for `alg` is published if there is none; `none` in any case is unsigned. */
  alg?: string;
  /** The newest published key of `alg` by default; a string is a shared HS256 secret. */
  key?: SigningKey | KeyObject | string;
  /** Overrides `{ alg, kid, typ }`; undefined removes a member. */
  header?: Record<string, unknown>;
  /** The exact payload to sign instead of the claims. */
  payload?: string;
}

/** Overrides of the default claims, of any type; undefined removes a claim. */
export type Claims = Record<string, unknown>;

const bytes = (text: string) => new TextEncoder().encode(text);
const part = (text: string) => Buffer.from(text).toString('base64url');

/** The published JWKS and the private keys. */
export class KeyRing {
  #signing: SigningKey[] = [];
  /** The JWKS, unchecked: a test may add invalid keys. */
  readonly published: JWK[] = [];

  /** Creates a key. A published key signs the tokens of its algorithm from then on. */
  async add(
    alg: Algorithm = 'EdDSA',
    { kid = crypto.randomUUID(), publish = true }: { kid?: string; publish?: boolean } = {},
  ): Promise<SigningKey> {
    const pair = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' };
    const key = { kid, alg, jwk, privateKey: KeyObject.from(pair.privateKey) };
    if (publish) {
      this.#signing.push(key);
      this.published.push(jwk);
    }
    return key;
  }

  /** Withdraws the key: the JWKS no longer verifies tokens that it signed. */
  remove(kid: string) {
    this.#signing = this.#signing.filter((key) => key.kid !== kid);
    const remaining = this.published.filter((jwk) => jwk.kid !== kid);
    this.published.splice(0, Infinity, ...remaining);
  }

  /** Returns the newest published key of this algorithm, and creates it if there is none. */
  async newest(alg: Algorithm = 'EdDSA'): Promise<SigningKey> {
    return this.#signing.findLast((key) => key.alg === alg) ?? this.add(alg);
  }

  async sign(claims: Claims, { alg, key, header, payload = JSON.stringify(claims) }: TokenOptions): Promise<string> {
    if (alg !== undefined && /^(none)?$/i.test(alg)) {
      return `${part(JSON.stringify({ alg, typ: 'JWT', ...header }))}.${part(payload)}.`;
    }
    const signer = key ?? (await this.newest(alg as Algorithm | undefined));
    const { privateKey, kid, ...named } = typeof signer !== 'string' && 'privateKey' in signer ? signer : bare(signer);
    const head = { alg: alg ?? named.alg, kid, typ: 'JWT', ...header } as { alg: string };
    return new CompactSign(bytes(payload)).setProtectedHeader(head).sign(privateKey);
  }

  /** Returns the subject of a token that the published keys verify, or undefined. */
  async subjectOf(token: string, secret?: string): Promise<string | undefined> {
    const keys = createLocalJWKSet({ keys: this.published });
    const verified = await jwtVerify(token, ({ alg, ...header }, jws) =>
      alg?.startsWith('HS') && secret !== undefined ? bytes(secret) : keys({ alg, ...header }, jws),
    ).catch(() => undefined);
    return verified?.payload.sub;
  }
}

function bare(key: KeyObject | string) {
  return typeof key === 'string'
    ? { privateKey: bytes(key), kid: undefined, alg: 'HS256' }
    : { privateKey: key, kid: undefined, alg: 'EdDSA' };
}
