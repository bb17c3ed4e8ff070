import type { RowCount } from '../transform/classified-rows.ts';

/** Formats 1234567 as 1,234,567. */
export function formatNumber(number: number): string {
  return number.toLocaleString('en-US');
}

/** Formats seconds as `59 s` or `2 min 5 s`, rounded up. */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Formats bytes in megabytes (10^6), rounded up. */
export function formatBytes(bytes: number): string {
  return `${formatNumber(Math.ceil(bytes / 1_000_000))} MB`;
}

/** Returns the lines indented under a title, or nothing when there are no lines. */
export function formatSection(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${replaceControlCharacters(line)}`)];
}

export function formatCounts(counts: readonly RowCount[]): string[] {
  return counts.map(({ subject, reason, rows }) => `${subject}: ${formatNumber(rows)} (${reason})`);
}

/** Replaces control characters with U+FFFD. Texts from users could otherwise contain terminal escape sequences. */
export function replaceControlCharacters(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd');
}

export function sumValues(numbers: Record<string, number>): number {
  return Object.values(numbers).reduce((sum, number) => sum + number, 0);
}
