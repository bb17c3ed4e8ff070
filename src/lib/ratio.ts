/** Returns the share of the target that is reached: at most 1, rounded down to 2 decimals. */
export function ratioOf(current: number, target: number): number {
  return Math.min(Math.floor((current * 100) / target), 100) / 100;
}
