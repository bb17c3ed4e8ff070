import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from './compose.ts';
import { copyProject, type ProjectCopy } from './project-copy.ts';

const PARTS = ['package.json', 'schema', 'drizzle', 'scripts', 'src'];
const PATH = `${join(process.cwd(), 'node_modules/.bin')}:${process.env.PATH}`;

describe('the checks of generated files', { timeout: 90_000 }, () => {
  let copy: ProjectCopy;

  beforeEach(async () => {
    copy = await copyProject(PARTS);
  });

  afterEach(() => copy.remove());

  const edit: ProjectCopy['edit'] = (...change) => copy.edit(...change);
  const codegen = () =>
    runProgram({ command: ['npm', 'run', 'codegen', '--', '--check'], cwd: copy.path, env: { PATH } });
  const migrations = () => runProgram({ command: ['node', 'scripts/check-migrations.ts'], cwd: copy.path, env: {} });

  it('reject types that are older than the schema', async () => {
    await edit('schema/badges.graphql', '  iconUrl: String!', '  iconUrl: String! rarity: Int');
    expect(await codegen()).toMatchObject({
      code: 1,
      output: expect.stringContaining('src/features/resolvers.generated.ts'),
    });
  });

  it('reject a table that no migration creates', async () => {
    await edit('src/db/schema/badges.ts', "'badges'", "'medals'");
    expect(await migrations()).toMatchObject({ code: 1, output: expect.stringContaining('npm run db:generate') });
  });
});
