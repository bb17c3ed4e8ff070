import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config.ts';

const problem = 'GATEWAY_SECRET must be printable ASCII; commas separate several secrets';

const read = (secret: string) =>
  readConfig({
    DATABASE_URL: 'postgres://db.example.org/users',
    AUTH_ISSUER: 'https://auth.example.org',
    AUTH_AUDIENCE: 'user-service',
    AUTH_JWKS_URL: 'https://auth.example.org/jwks.json',
    AUTH_SERVICE_URL: 'https://auth.example.org',
    GATEWAY_SECRET: secret,
  }).gatewaySecrets;

describe('GATEWAY_SECRET', () => {
  const unusable: [string, string][] = [
    ['an umlaut', 'schlüssel'],
    ['an emoji', 'secret🔑'],
    ['a Cyrillic letter that looks like a Latin one', 'sеcret'],
    ['a tab', 'my\tsecret'],
    ['a line end', 'my\nsecret'],
    ['NUL', 'my\0secret'],
    ['DEL', 'my\u007fsecret'],
    ['a no-break space at its end', 'secret\u00a0'],
    ['a no-break space alone', '\u00a0'],
    ['a byte order mark', '\ufeffsecret'],
    ['a zero-width space', 'sec\u200bret'],
    ['one good secret and one with a tab', 'good,not\tgood'],
    ['one good secret and one that is not ASCII', 'not-göod, good'],
  ];
  it.for(unusable)('with %s stops the start, and the message shows no secret', ([, secret]) => {
    expect(() => read(secret)).toThrow(new ConfigError([problem]));
  });

  const usable: [string, string[]][] = [
    ['one', ['one']],
    ['one,two', ['one', 'two']],
    ['the first, the second', ['the first', 'the second']],
    [' one , two ,\n', ['one', 'two']],
    ['one,\n\ttwo\r\n', ['one', 'two']],
    ['one\n', ['one']],
    ['!"#$%&\'()*+-./:;<=>?@[]^_`{|}~', ['!"#$%&\'()*+-./:;<=>?@[]^_`{|}~']],
    ['', []],
    [' \n', []],
  ];
  it.for(usable)('%j holds the secrets %j', ([secret, secrets]) => {
    expect(read(secret)).toEqual(secrets);
  });
});
