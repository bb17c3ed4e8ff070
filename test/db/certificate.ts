import { generateKeyPairSync, sign } from 'node:crypto';

/** An element of ASN.1 in DER, shorter than 64 KB. */
function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTC_TIME = 0x17;
const ECDSA_WITH_SHA256 = element(SEQUENCE, Buffer.from('06082a8648ce3d040302', 'hex'));
const NAMELESS = element(SEQUENCE);

/** A new key and a certificate of nobody's for it (RFC 5280, 4.1), as `tls` takes them. */
export function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = ['200101000000Z', '491231235959Z'].map((time) => element(UTC_TIME, Buffer.from(time)));
  const content = element(
    SEQUENCE,
    element(INTEGER, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    NAMELESS,
    element(SEQUENCE, ...validity),
    NAMELESS,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = element(BIT_STRING, Buffer.from([0]), sign('sha256', content, privateKey));
  const certificate = element(SEQUENCE, content, ECDSA_WITH_SHA256, signature).toString('base64');
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}
