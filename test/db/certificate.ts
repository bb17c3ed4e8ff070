import { generateKeyPairSync, sign } from 'node:crypto';

/** Encodes an ASN.1 element in DER. Its content is shorter than 64 KB. */
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
const EMPTY_NAME = element(SEQUENCE);

/** Creates a key and a self-signed certificate without a name (RFC 5280, section 4.1), in the format of `node:tls`. */
export function createSelfSignedCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = ['200101000000Z', '491231235959Z'].map((time) => element(UTC_TIME, Buffer.from(time)));
  const content = element(
    SEQUENCE,
    element(INTEGER, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    EMPTY_NAME,
    element(SEQUENCE, ...validity),
    EMPTY_NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = element(BIT_STRING, Buffer.from([0]), sign('sha256', content, privateKey));
  const certificate = element(SEQUENCE, content, ECDSA_WITH_SHA256, signature).toString('base64');
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}
