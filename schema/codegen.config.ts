import { readdirSync, readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { parse } from 'graphql';
import { enumValues } from '../src/graphql/enums.ts';
import { readSdl } from '../src/graphql/schema.ts';

const FEATURES = new URL('../src/features/', import.meta.url);

/**
 * Returns the domain type behind each GraphQL type: `BadgeMapper` of a feature's `*.mappers.ts` stands behind `Badge`.
 */
function readMappers(): Record<string, string> {
  const files = readdirSync(FEATURES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.mappers.ts'))
    .sort();
  const mappers = files.flatMap((path) =>
    [...readFileSync(new URL(path, FEATURES), 'utf8').matchAll(/^export type (\w+)Mapper\b/gm)].map(
      ([, type]) => [type, `./${path}#${type}Mapper`] as const,
    ),
  );
  return Object.fromEntries(mappers);
}

/** `npm run codegen` generates the resolvers' types from the schema; `npm run check` fails when they are stale. */
const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'src/features/resolvers.generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: '../request-context.ts#RequestContext',
        mappers: readMappers(),
        enumsAsTypes: true,
        enumValues: enumValues(parse(readSdl())),
        scalars: { Date: 'string', DateTime: 'string', ID: 'string', JSON: 'unknown' },
        defaultScalarType: 'never',
        federation: true,
        immutableTypes: true,
        useTypeImports: true,
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
      },
    },
  },
};

export default config;
