import { KeyObject } from 'node:crypto';
import { CompactSign, createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';

export type Algorithm = 'EdDSA' | 'ES256' | 'RS256';

/** `privateKey` fits every algorithm of its type: an RS256 key also signs PS256. */
export interface SigningKey {
  kid: string;
  alg: Algorithm;
  privateKey: KeyObject;
  jwk: JWK;
}

export interface TokenOptions {
  /** EdDSA by default. An alg that has no key gets one, published; `none` in any spelling is unsigned. */
  alg?: string;
  /** By default the newest published key of `alg`; a string is a shared HS256 secret. */
  key?: SigningKey | KeyObject | string;
  /** Laid over `{ alg, kid, typ }`; undefined removes. */
  header?: Record<string, unknown>;
  /** Signed in place of the claims, byte for byte. */
  payload?: string;
}

/** Laid over the usual claims, of any type; undefined removes one. */
export type Claims = Record<string, unknown>;

const bytes = (text: string) => new TextEncoder().encode(text);
const part = (text: string) => Buffer.from(text).toString('base64url');

/** What the JWKS endpoint publishes, and the private halves that sign. */
export class KeyRing {
  #signing: SigningKey[] = [];
  /** Published as they are; a test may push any nonsense. */
  readonly published: JWK[] = [];

  /** A new key; once published, it signs the tokens of its algorithm. */
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

  /** Publishes the key no more; tokens that it signed can no longer be verified from the JWKS. */
  remove(kid: string) {
    this.#signing = this.#signing.filter((key) => key.kid !== kid);
    const kept = this.published.filter((jwk) => jwk.kid !== kid);
    this.published.splice(0, Infinity, ...kept);
  }

  /** The newest published key of this algorithm; made when there is none. */
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

  /** The subject of a token that verifies against the published keys, else undefined. */
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
