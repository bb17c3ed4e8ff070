import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

interface Locked {
  version: string;
  integrity?: string;
  link?: boolean;
  dev?: boolean;
}

const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
const manifest = await readJson('package.json');
const locked: Record<string, Locked> = (await readJson('package-lock.json')).packages;
const installed = Object.entries(locked).filter(([path]) => path !== '');
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** The first versions without these vulnerabilities. */
const FLOORS = [
  ['fastify', '5.12.2', 'CVE-2026-25223, GHSA-247c-9743-5963, GHSA-573f-x89g-hqp9: validation bypass of bodies'],
  ['fastify', '5.12.2', 'GHSA-444r-cwp2-x5xf, GHSA-3m5p-2c4r-xxw2: X-Forwarded-* of untrusted clients'],
  ['@fastify/static', '10.1.3', 'GHSA-8pvw-jcv7-9cmj, GHSA-83w8-p2f5-377r: path traversal'],
  ['fast-uri', '3.1.1', 'CVE-2026-6321: path traversal'],
  ['graphql', '16.15.0', 'CVE-2023-26144: quadratic time for overlapping fields; token limits'],
  ['@apollo/server', '5.5.0', 'CVE-2026-23897: unusual charsets; cross-origin reads'],
  ['body-parser', '2.2.1', 'CVE-2025-13466: denial of service by many parameters'],
  ['qs', '6.14.1', 'CVE-2025-15284: arrays without a limit'],
  ['@apollo/gateway', '2.13.2', 'CVE-2026-32621: prototype pollution by field names'],
  ['jose', '4.15.5', 'CVE-2024-28176: decompression bombs in tokens'],
  ['drizzle-orm', '0.45.2', 'CVE-2026-39356: unescaped identifiers'],
  ['tmp', '0.2.4', 'CVE-2025-54798: symbolic links out of the folder'],
  ['cross-spawn', '7.0.5', 'CVE-2024-21538: a regular expression with exponential time'],
  ['node', '24.14.1', 'CVE-2026-21710: a header named __proto__'],
] as const;

function isAtLeast(version: string, floor: string): boolean {
  const compare = new Intl.Collator('en', { numeric: true });
  const [release = '', preview] = version.split('-');
  return compare.compare(release, floor) > 0 || (release === floor && preview === undefined);
}

describe('package-lock.json', () => {
  it.each(FLOORS)('has no %s below %s: %s', (name, floor) => {
    const versions = installed.filter(([path]) => nameOf(path) === name).map(([, { version }]) => version);
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version) => !isAtLeast(version, floor))).toEqual([]);
  });

  it('has a SHA-512 of every package, and packages of the registry only', () => {
    const SHA_512 = /^sha512-[A-Za-z0-9+/]{86}==$/;
    expect(installed.filter(([, { integrity = '' }]) => !SHA_512.test(integrity)).map(([path]) => path)).toEqual([]);
    expect(installed.filter(([, { link }]) => link)).toEqual([]);
    const { dependencies, optionalDependencies, devDependencies } = manifest;
    const wanted = Object.values({ ...dependencies, ...optionalDependencies, ...devDependencies });
    expect(wanted.filter((version) => /[:/]/.test(String(version)))).toEqual([]);
  });
});

describe('isAtLeast', () => {
  it.each([
    ['5.12.2', '5.12.2', true],
    ['5.12.10', '5.12.2', true],
    ['6.0.0', '5.12.2', true],
    ['5.9.9', '5.12.2', false],
    ['5.12.2-rc.1', '5.12.2', false],
  ])('%s against a floor of %s: %s', (version, floor, isEnough) => expect(isAtLeast(version, floor)).toBe(isEnough));
});

/** Passwords that are not secret: of the development database, of the tests and of templates. */
const PUBLIC_PASSWORDS = '/:(?:for-development-only|hidden-password|hunter2|change-me)@/';
const SECRET_RULES = {
  rules: [
    {
      id: '@secretlint/secretlint-rule-preset-recommend',
      rules: [
        {
          id: '@secretlint/secretlint-rule-database-connection-string',
          options: { allows: [PUBLIC_PASSWORDS] },
        },
      ],
    },
  ],
};

/** Searches for secrets in all files that git does not ignore, or in `text`. */
function secretlint(args: string[], text?: string): SpawnSyncReturns<string> {
  const options = ['--secretlintrcJSON', JSON.stringify(SECRET_RULES), '--format', 'unix', '--no-color'];
  const command = ['node_modules/secretlint/bin/secretlint.js', ...options, ...args];
  return spawnSync(process.execPath, command, { encoding: 'utf8', input: text ?? '' });
}

describe('secrets', () => {
  it('are not in the repository', () => {
    const { status, stdout, stderr } = secretlint(['**/*']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it.each([
    ['a password', `DATABASE_URL=postgres://app:${'sesame-'.repeat(2)}@db.example.org/users`],
    [
      'a key',
      `-----BEGIN PRIVATE KEY-----\n${'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49'.repeat(4)}\n-----END PRIVATE KEY-----`,
    ],
    ['a token', `token = ghp_${'aB3dE5gH7jK9mN1pQ3sT'.repeat(2).slice(0, 36)}`],
  ])('are detected: %s', (_, text) => {
    expect(secretlint(['--stdinFileName', 'settings.txt'], text)).toMatchObject({ status: 1 });
  });
});

describe('npm run sbom', () => {
  it('prints exactly the production dependencies as CycloneDX', () => {
    const { stdout } = spawnSync('npm', ['run', '-s', 'sbom'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const { bomFormat, specVersion, metadata, components } = JSON.parse(stdout);
    expect({ bomFormat, specVersion }).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: expect.stringMatching(/^1\.\d$/),
    });
    expect(metadata.component).toMatchObject({ name: manifest.name, version: manifest.version });
    const listed: string[] = components.map(({ name, version }: Record<string, string>) => `${name}@${version}`);
    const production = installed
      .filter(([, { dev }]) => !dev)
      .map(([path, { version }]) => `${nameOf(path)}@${version}`);
    expect([...new Set(listed)].sort()).toEqual([...new Set(production)].sort());
    expect(listed).toContain(`fastify@${manifest.dependencies.fastify}`);
    expect(stdout).not.toContain('better-auth');
  });
});
