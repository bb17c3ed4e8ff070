/** Returns the entries of a changelog below the heading of a version, or of `Unreleased`. */
export function entriesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version}]`)) ?? '';
  return section.slice(section.indexOf('\n') + 1);
}

/** Returns the coordinates in backticks of the entries that begin with `- Breaking:`. */
export function namedBreakingChanges(entries: string): Set<string> {
  const named = entries.matchAll(/^- Breaking: (.*(?:\n {2}.*)*)/gm);
  return new Set([...named].flatMap(([, text = '']) => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)));
}
