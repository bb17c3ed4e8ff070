/** PostgreSQL's text of a `timestamptz` in UTC (`2026-03-01 09:30:00.5+00`) as RFC 3339 (`2026-03-01T09:30:00.5Z`). */
export function instantFromPostgres(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
}
