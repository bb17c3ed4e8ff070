import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';

const PARTS = ['package.json', 'schema', 'drizzle', 'scripts', 'src'];
const PATH = `${join(process.cwd(), 'node_modules/.bin')}:${process.env.PATH}`;

describe('the checks of generated files', () => {
  let copy: string;

  beforeEach(async () => {
    copy = await mkdtemp(join(tmpdir(), 'user-service-generated-'));
    for (const part of PARTS) await cp(part, join(copy, part), { recursive: true });
    await symlink(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  });

  afterEach(() => rm(copy, { recursive: true }));

  const edit = async (path: string, from: string, to: string) => {
    const text = await readFile(join(copy, path), 'utf8');
    expect(text).toContain(from);
    await writeFile(join(copy, path), text.replace(from, to));
  };
  const codegen = () => runProgram({ command: ['npm', 'run', 'codegen', '--', '--check'], cwd: copy, env: { PATH } });
  const migrations = () => runProgram({ command: ['node', 'scripts/check-migrations.ts'], cwd: copy, env: {} });

  it('accept types that match the schema', async () => {
    expect(await codegen()).toMatchObject({ code: 0 });
  });

  it('reject types that are older than the schema', async () => {
    await edit('schema/badges.graphql', '  iconUrl: String!', '  iconUrl: String! rarity: Int');
    expect(await codegen()).toMatchObject({
      code: 1,
      output: expect.stringContaining('src/features/resolvers.generated.ts'),
    });
  });

  it('accept migrations that create the tables of the code', async () => {
    expect(await migrations()).toMatchObject({ code: 0 });
  });

  it('reject a table that no migration creates', async () => {
    await edit('src/db/schema/badges.ts', "'badges'", "'medals'");
    expect(await migrations()).toMatchObject({ code: 1, output: expect.stringContaining('npm run db:generate') });
  });
});
