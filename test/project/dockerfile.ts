import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Instruction {
  name: string;
  value: string;
}

interface Stage {
  name: string;
  from: string;
  instructions: Instruction[];
}

/** Returns the stages of a Dockerfile in order. */
export function parseDockerfile(text: string): Stage[] {
  const stages: Stage[] = [];
  const lines = text
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter(Boolean);
  for (const line of lines) {
    const [, name = '', value = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const [, from, as] = (name === 'FROM' && /^(\S+) AS (\S+)$/.exec(value)) || [];
    if (from && as) stages.push({ name: as, from, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, value });
  }
  return stages;
}

/** Returns the value of the last such instruction of a stage, or else of its base. */
export function lastInstruction(stages: readonly Stage[], stage: string, instruction: string): string | undefined {
  const found = stages.find(({ name }) => name === stage);
  if (found === undefined) return undefined;
  const own = found.instructions.findLast(({ name }) => name === instruction);
  return own?.value ?? lastInstruction(stages, found.from, instruction);
}

/** Returns the variables of a stage's last ENV. `folder` replaces /app of the image. */
export function environmentOf(stages: readonly Stage[], stage: string, folder: string): Record<string, string> {
  const words = (lastInstruction(stages, stage, 'ENV') ?? '').match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return Object.fromEntries(
    words.map((word) => word.replaceAll('"', '').replace('/app/', `${folder}/`).split(/=(.*)/, 2)),
  );
}

/** Returns the command of an exec form, such as `["node", "src/main.ts"]`, without the options before it. */
export function parseExecForm(value: string): string[] {
  return JSON.parse(value.slice(value.indexOf('[')));
}

/** Returns the build arguments of a stage, with their defaults. */
export function argumentsOf({ instructions }: Stage): Record<string, string> {
  const args = instructions.filter(({ name }) => name === 'ARG').map(({ value }) => value.split(/=(.*)/, 2));
  return Object.fromEntries(args.map(([name, fallback = '']) => [name, fallback]));
}

/**
 * Runs the COPY and RUN instructions of a stage and of its bases on this machine, with the defaults of build arguments.
 * `folder` replaces /app of the image. The base image is not used.
 */
export async function buildStage(stages: readonly Stage[], stage: string, folder: string): Promise<void> {
  const found = stages.find(({ name }) => name === stage);
  if (found === undefined) return;
  await mkdir(folder, { recursive: true });
  await buildStage(stages, found.from, folder);
  for (const { name, value } of found.instructions) {
    const env = { ...buildEnvironment(), ...argumentsOf(found), ...environmentOf(stages, stage, folder) };
    if (name === 'RUN') await run('sh', ['-c', value], { cwd: folder, env });
    if (name === 'COPY') await copy(value.split(' '), stages, folder);
  }
}

async function copy(words: string[], stages: readonly Stage[], folder: string): Promise<void> {
  const [first = '', ...rest] = words;
  const destination = join(folder, words.at(-1) ?? '.');
  if (!first.startsWith('--from=')) {
    const sources = words.slice(0, -1);
    const target = (source: string) => (sources.length > 1 ? join(destination, basename(source)) : destination);
    for (const source of sources) await cp(source, target(source), { recursive: true });
    return;
  }
  const other = `${folder}-${first.slice('--from='.length)}`;
  await buildStage(stages, first.slice('--from='.length), other);
  await rename(join(other, (rest[0] ?? '').replace(/^\/app\//, '')), destination);
  await rm(other, { recursive: true });
}

/** Returns the environment without npm's variables of this project, and with its registry and cache. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const ofThisProject = /^(npm_(?!config_)|npm_config_local_prefix$|INIT_CWD$|NODE_ENV$)/;
  const others = Object.entries(process.env).filter(([name]) => !ofThisProject.test(name));
  return { ...Object.fromEntries(others), npm_config_prefer_offline: 'true' };
}
