export interface JsonLimits {
  /** Maximum values, lists and objects included. */
  values: number;
  /** Maximum levels; that of a value alone is 1. */
  levels: number;
  /** Maximum UTF-16 code units of all texts and names of members. */
  characters: number;
}

/** Returns whether a JSON value is within the limits. It needs no recursion, and stops at the first excess. */
export function isWithinLimits(value: unknown, limits: JsonLimits): boolean {
  const pending = [{ value, level: 1 }];
  let values = 1;
  let characters = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { members, length } = contentOf(next.value);
    values += members.length;
    characters += length;
    if (next.level > limits.levels || values > limits.values || characters > limits.characters) return false;
    for (const member of members) pending.push({ value: member, level: next.level + 1 });
  }
  return true;
}

/** Returns the values directly below a value, and the length of its text or of the names of its members. */
function contentOf(value: unknown): { members: readonly unknown[]; length: number } {
  if (typeof value === 'string') return { members: [], length: value.length };
  if (typeof value !== 'object' || value === null) return { members: [], length: 0 };
  if (Array.isArray(value)) return { members: value, length: 0 };
  return { members: Object.values(value), length: Object.keys(value).join('').length };
}
