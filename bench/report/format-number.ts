/** Formats a number with three significant digits, or as a whole number from 100. */
export function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
