import { readdirSync, readFileSync } from 'node:fs';
import { DAY_MS } from '../../lib/local-date.ts';

export interface Example {
  query: string;
  /** JSON. */
  variables?: string;
}

const SERVICE_EXAMPLES = new URL('../../../schema/examples/', import.meta.url);

/**
 * Returns the operations of a folder, by default those of the service, in the order of their file names. Variables are
 * in a JSON file of the same name, where `{today}` and `{28 days ago}` are dates.
 */
export function readExamples(folder = SERVICE_EXAMPLES): Example[] {
  const files = new Set(readdirSync(folder));
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8').trimEnd();
  const queries = [...files].filter((name) => name.endsWith('.graphql')).sort();
  return queries.map((name) => {
    const variables = name.replace('.graphql', '.json');
    return { query: read(name), ...(files.has(variables) && { variables: insertDates(read(variables)) }) };
  });
}

/** Replaces `{today}` and `{28 days ago}` by dates in UTC. */
export function insertDates(text: string): string {
  const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
  return text.replaceAll('{today}', daysAgo(0)).replaceAll('{28 days ago}', daysAgo(28));
}

/** Returns the address of a playground that opens with the example and its variables. */
export function playgroundLink({ query, variables }: Example): string {
  return `/graphql?${new URLSearchParams({ query, ...(variables !== undefined && { variables }) })}`;
}
