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
const OCTET_STRING = 0x04;
/** The context-specific tag `[number]`. */
const tagged = (number: number, isConstructed: boolean) => 0x80 + (isConstructed ? 0x20 : 0) + number;
const UTC_TIME = 0x17;
const ECDSA_WITH_SHA256 = element(SEQUENCE, Buffer.from('06082a8648ce3d040302', 'hex'));
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const EMPTY_NAME = element(SEQUENCE);
const VERSION_3 = element(tagged(0, true), element(INTEGER, Buffer.from([2])));

/** Creates a key and a self-signed certificate of a host (RFC 5280, section 4.1), in the format of `node:tls`. */
export function createSelfSignedCertificate(host = 'localhost'): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const validity = ['200101000000Z', '491231235959Z'].map((time) => element(UTC_TIME, Buffer.from(time)));
  const names = element(SEQUENCE, element(tagged(2, false), Buffer.from(host)));
  const extension = element(SEQUENCE, SUBJECT_ALT_NAME, element(OCTET_STRING, names));
  const content = element(
    SEQUENCE,
    VERSION_3,
    element(INTEGER, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    EMPTY_NAME,
    element(SEQUENCE, ...validity),
    EMPTY_NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(tagged(3, true), element(SEQUENCE, extension)),
  );
  const signature = element(BIT_STRING, Buffer.from([0]), sign('sha256', content, privateKey));
  const certificate = element(SEQUENCE, content, ECDSA_WITH_SHA256, signature).toString('base64');
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
  };
}
