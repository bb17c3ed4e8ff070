import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import type { Json } from '../support/json.ts';

export const KUBERNETES = 'deploy/kubernetes';

interface Manifest {
  /** Relative to the project. */
  path: string;
  object: Json;
}

/** Returns the objects of a YAML text. */
export function objectsOf(text: string): Json[] {
  return parseAllDocuments(text, { merge: true }).map((document) => document.toJS());
}

/** Returns every object under deploy/kubernetes, without the kustomizations. */
export async function readManifests(): Promise<Manifest[]> {
  const paths = await Array.fromAsync(glob(`${KUBERNETES}/**/*.yaml`));
  const files = paths.filter((path) => !path.endsWith('kustomization.yaml')).sort();
  const manifests = await Promise.all(
    files.map(async (path) => objectsOf(await readFile(path, 'utf8')).map((object) => ({ path, object }))),
  );
  return manifests.flat();
}

/** Returns the files that a kustomization names, in its order, relative to its folder. */
export async function resourcesOf(folder: string): Promise<string[]> {
  return parse(await readFile(join(KUBERNETES, folder, 'kustomization.yaml'), 'utf8')).resources;
}

/** Returns the variables of a file of `NAME=value` lines. */
export async function readVariables(path: string): Promise<Record<string, string>> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/, 2)));
}

/**
 * Returns the fields of an object that its JSON schema rejects or does not have. The compiled schema reads each field
 * that it knows, so that a field that it does not read is unknown.
 */
export async function schemaProblems(object: Json): Promise<string[]> {
  const isOwn = !String(object.apiVersion).startsWith('monitoring.coreos.com/');
  const root = isOwn ? 'kubernetes-models' : '@kubernetes-models/prometheus-operator';
  const model = (await import(`${root}/${object.apiVersion}/${object.kind}`))[object.kind];
  const unread = new Set<string>();
  const validate = () => model.prototype.validate.call(watched(object, '', unread));
  try {
    validate();
  } catch (error) {
    return [String((error as Error).message)];
  }
  return [...unread].map((path) => `${path} is not in the schema`);
}

/** Returns a view of a value that removes the path of each field from `unread` when it is read. */
function watched(value: Json, path: string, unread: Set<string>): Json {
  if (typeof value !== 'object' || value === null) return value;
  const views = new Map(
    Object.entries(value).map(([key, item]) => {
      unread.add(`${path}/${key}`);
      return [key, watched(item, `${path}/${key}`, unread)];
    }),
  );
  return new Proxy(value, {
    get(target, key) {
      if (typeof key === 'symbol' || !views.has(key)) return Reflect.get(target, key);
      unread.delete(`${path}/${key}`);
      return views.get(key);
    },
  });
}
