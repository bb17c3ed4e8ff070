import { generateKeyPairSync, sign } from 'node:crypto';

export const ISSUER = 'https://auth.bench.example';
export const AUDIENCE = 'user-service';
const HOURS = 12;

export interface Tokens {
  /** The key set that verifies them, as JSON. */
  jwks: string;
  /** A bearer token of this person, good for twelve hours. */
  tokenOf(personId: string): string;
}

export function createTokens(): Tokens {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'EdDSA', use: 'sig' };
  const iat = Math.floor(Date.now() / 1000);
  const header = part({ alg: 'EdDSA', kid: 'bench', typ: 'JWT' });
  return {
    jwks: JSON.stringify({ keys: [key] }),
    tokenOf(sub) {
      const content = `${header}.${part({ iss: ISSUER, aud: AUDIENCE, sub, iat, exp: iat + HOURS * 3600 })}`;
      return `${content}.${sign(null, Buffer.from(content), privateKey).toString('base64url')}`;
    },
  };
}

function part(claims: object): string {
  return Buffer.from(JSON.stringify(claims)).toString('base64url');
}
