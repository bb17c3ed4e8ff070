import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

it('the sources import only types from the ES modules of drizzle, which load slowly', () => {
  const importers = SOURCES.filter((file) =>
    /^import (?!type\b).*from 'drizzle-orm/m.test(readFileSync(join('src', file), 'utf8')),
  );
  expect(importers).toEqual([]);
});
