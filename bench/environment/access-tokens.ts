import { generateKeyPairSync, sign } from 'node:crypto';
import { AUDIENCE, ISSUER } from '../processes/programs.ts';

/** Longer than the longest run. */
const LIFETIME_SECONDS = 12 * 3600;

export interface AccessTokens {
  /** The JWKS that verifies the tokens, as JSON. */
  jwks: string;
  /** Returns a bearer token for a user. */
  tokenFor(userId: string): string;
}

export function createAccessTokens(): AccessTokens {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'EdDSA', use: 'sig' };
  const iat = Math.floor(Date.now() / 1000);
  const header = encode({ alg: 'EdDSA', kid: 'bench', typ: 'JWT' });
  return {
    jwks: JSON.stringify({ keys: [key] }),
    tokenFor(sub) {
      const content = `${header}.${encode({ iss: ISSUER, aud: AUDIENCE, sub, iat, exp: iat + LIFETIME_SECONDS })}`;
      return `${content}.${sign(null, Buffer.from(content), privateKey).toString('base64url')}`;
    },
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
