import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Folders that the documentation leaves out of paths; a path of a package begins with the package's name. */
const ROOTS = ['.', 'src', 'node_modules'];
const PATH = /`([\w@-][\w.@-]*(?:\/[\w.@-]+)+\.(?:ts|js|graphql|sql|json|md|svg|yml))`/g;
const DEFINED_PATH = /^```\w+ (\S+)$/gm;
const LINK = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g;
const CODE_BLOCK = /^```.*?^```$/gms;
const HEADING = /^#+ (.+)$/gm;

/**
 * Returns the paths in code spans that lead to no file and that the document itself does not define in a code block.
 */
export function missingPaths(root: string, text: string): string[] {
  const defined = new Set(Array.from(text.matchAll(DEFINED_PATH), ([, path]) => path));
  const named = Array.from(text.replaceAll(CODE_BLOCK, '').matchAll(PATH), ([, path = '']) => path);
  const exists = (path: string) => ROOTS.some((folder) => existsSync(join(root, folder, path)));
  return [...new Set(named)].filter((path) => !defined.has(path) && !exists(path));
}

/** Returns the sections of a decision record, and the number of their lines that have text. */
export function sectionsOf(text: string): { name: string; lines: number }[] {
  const [, ...parts] = text.split(/^\*\*(?=[A-Z]\w+:\*\*)/m);
  return parts.map((part) => {
    const [name = '', content = ''] = part.split(/:\*\*(.*)/s, 2);
    return { name, lines: content.split('\n').filter((line) => line.trim() !== '').length };
  });
}

/** Returns the relative links of a document that lead to no file or to no heading. */
export async function brokenLinks(root: string, path: string, text: string): Promise<string[]> {
  const broken: string[] = [];
  for (const [, target = '', anchor] of text.replaceAll(CODE_BLOCK, '').matchAll(LINK)) {
    const file = target === '' ? path : join(dirname(path), target);
    const isFound = existsSync(join(root, file)) && (anchor === undefined || (await anchorsOf(root, file)).has(anchor));
    if (!isFound) broken.push(anchor === undefined ? target : `${target}#${anchor}`);
  }
  return broken;
}

/** Returns the anchors that GitHub gives the headings of a document. */
async function anchorsOf(root: string, file: string): Promise<Set<string>> {
  const text = (await readFile(join(root, file), 'utf8')).replaceAll(CODE_BLOCK, '');
  return new Set(Array.from(text.matchAll(HEADING), ([, heading = '']) => anchorOf(heading)));
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
