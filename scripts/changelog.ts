/** Returns the part of a changelog below the heading `Unreleased`. */
export function unreleased(changelog: string): string {
  return /^## \[Unreleased\]\n(.*?)(?=^## |(?![\s\S]))/ms.exec(changelog)?.[1] ?? '';
}

/** Returns the coordinates in backticks of the entries that begin with `- Breaking:`. */
export function namedBreakingChanges(entries: string): Set<string> {
  const named = entries.matchAll(/^- Breaking: (.*(?:\n {2}.*)*)/gm);
  return new Set([...named].flatMap(([, text = '']) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)));
}
