import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from '../project/compose.ts';
import { it as base, describe, expect } from '../support/fixtures.ts';
import { fetchDocument } from './openapi-document.ts';

const GENERATOR = resolve('node_modules/openapi-typescript/bin/cli.js');
const PROGRAM = join(import.meta.dirname, 'generated-client/program.ts');

/** A folder with the program, the types of the served document, and the compiler options of the project. */
const it = base.extend('folder', { scope: 'file' }, async ({ service }, { onCleanup }) => {
  const folder = await mkdtemp(join(tmpdir(), 'user-service-client-'));
  onCleanup(() => rm(folder, { recursive: true }));
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  await cp(PROGRAM, join(folder, 'program.ts'));
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(await fetchDocument(service)));
  const generate = [GENERATOR, 'openapi.json', '--output', 'openapi.d.ts'];
  expect(await runProgram({ command: ['node', ...generate], cwd: folder, env: {} })).toMatchObject({ code: 0 });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const { compilerOptions } = JSON.parse(await readFile('tsconfig.json', 'utf8'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  return folder;
});

const typeCheck = (folder: string) =>
  runProgram({ command: ['node', resolve('node_modules/typescript/lib/tsc.js')], cwd: folder, env: {} });

describe('a client with types that openapi-typescript generates', { timeout: 60_000 }, () => {
  it('has valid types, in which errors have codes', async ({ folder }) => {
    expect(await typeCheck(folder)).toEqual({ code: 0, output: '' });
  });

  it('creates, updates, lists and deletes goals, and reads errors', async ({ folder, service, createUser }) => {
    const { id, token } = await createUser();
    const env = { SERVICE_URL: service.url, TOKEN: token, USER_ID: id };
    const { code, output } = await runProgram({ command: ['node', 'program.ts'], cwd: folder, env });
    expect({ code, results: JSON.parse(output) }).toEqual({
      code: 0,
      results: {
        stale: 'STALE_VERSION',
        status: 'completed',
        titles: ['Learn federation'],
        next: null,
        place: ['body', 'name'],
        ok: true,
        again: 'NOT_FOUND',
      },
    });
  });

  it.for([
    ["status: 'completed'", "status: 'done'", 'error TS2322'],
    ["=== 'STALE_VERSION'", "=== 'NO_SUCH_CODE'", 'error TS2367'],
    ['body: { title }', 'body: {}', "Property 'title' is missing"],
  ] as const)('rejects a wrong program: %s', async ([right, wrong, message], { folder }) => {
    const program = await readFile(PROGRAM, 'utf8');
    expect(program).toContain(right);
    await writeFile(join(folder, 'program.ts'), program.replace(right, wrong));
    expect(await typeCheck(folder)).toMatchObject({
      code: expect.any(Number),
      output: expect.stringContaining(message),
    });
    await writeFile(join(folder, 'program.ts'), program);
  });
});
