/** Whether an activity is added or removed. */
export type Sign = 1 | -1;

/** Adds the numbers of a row to those of the row with the key. */
export function increase<Row extends object>(rows: Map<string, Row>, key: string, row: Row): void {
  const sums: Record<string, unknown> = { ...rows.get(key) };
  for (const [name, value] of Object.entries(row)) {
    sums[name] = typeof value === 'number' ? Number(sums[name] ?? 0) + value : value;
  }
  rows.set(key, sums as Row);
}

/**
 * Returns the change of the number of distinct objects or dates, when one of them with `before` activities gains or
 * loses an activity.
 */
export function distinctChange(before: number, sign: Sign): Sign | 0 {
  return before === 0 || before + sign === 0 ? sign : 0;
}
