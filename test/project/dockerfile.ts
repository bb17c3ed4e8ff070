import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Instruction {
  name: string;
  value: string;
}

export interface Stage {
  name: string;
  from: string;
  instructions: Instruction[];
}

/** The stages of a Dockerfile, in order. */
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

/** What a stage says last about something, its base's word counting too. */
export function lastWord(stages: readonly Stage[], stage: string, instruction: string): string | undefined {
  const found = stages.find(({ name }) => name === stage);
  if (found === undefined) return undefined;
  const own = found.instructions.findLast(({ name }) => name === instruction);
  return own?.value ?? lastWord(stages, found.from, instruction);
}

/** What a stage's last ENV sets, where its folder stands for the image's /app. */
export function environmentOf(stages: readonly Stage[], stage: string, folder: string): Record<string, string> {
  const words = (lastWord(stages, stage, 'ENV') ?? '').split(/\s+/).filter(Boolean);
  return Object.fromEntries(words.map((word) => word.replace('/app/', `${folder}/`).split(/=(.*)/, 2)));
}

/** The command of an exec form, such as `["node", "src/main.ts"]` with options before it. */
export function execForm(value: string): string[] {
  return JSON.parse(value.slice(value.indexOf('[')));
}

/**
 * Does what a stage's COPY and RUN say, on this machine and in a folder that stands for the image's /app: everything
 * that a build does but for the base image.
 */
export async function buildNatively(stages: readonly Stage[], stage: string, folder: string): Promise<void> {
  const found = stages.find(({ name }) => name === stage);
  if (found === undefined) return;
  await mkdir(folder, { recursive: true });
  await buildNatively(stages, found.from, folder);
  for (const { name, value } of found.instructions) {
    const env = { ...buildEnvironment(), ...environmentOf(stages, stage, folder) };
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
  await buildNatively(stages, first.slice('--from='.length), other);
  await rename(join(other, (rest[0] ?? '').replace(/^\/app\//, '')), destination);
  await rm(other, { recursive: true });
}

/** What npm tells the scripts that it runs is about this project; where it finds registry and cache holds here too. */
function buildEnvironment(): NodeJS.ProcessEnv {
  const ofThisProject = /^(npm_(?!config_)|npm_config_local_prefix$|INIT_CWD$|NODE_ENV$)/;
  const kept = Object.entries(process.env).filter(([name]) => !ofThisProject.test(name));
  return { ...Object.fromEntries(kept), npm_config_prefer_offline: 'true' };
}
