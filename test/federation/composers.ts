import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { federateSubgraphs } from '@wundergraph/composition';
import { buildSchema, type DocumentNode, type GraphQLSchema, parse } from 'graphql';

interface Subgraph {
  name: string;
  url: string;
  typeDefs: DocumentNode;
}

interface Composition {
  /** The reasons why the subgraphs do not compose. */
  errors: string[];
  /** The composer's hints and warnings. */
  warnings: { code: string; message: string }[];
  /** The schema that clients of the supergraph see; undefined when there are errors. */
  schema: GraphQLSchema | undefined;
}

/** The composers by the gateways that they compose for. */
export const composers: Record<string, (subgraphs: Subgraph[]) => Composition> = {
  'Apollo Router and @apollo/gateway': composeForApollo,
  'Hive Gateway': composeForHive,
  Cosmo: composeForCosmo,
};

export function subgraph(name: string, sdl: string): Subgraph {
  return { name, url: `http://${name}.test/graphql`, typeDefs: parse(sdl) };
}

/** The SDL of the auth-service that `npm run dev` starts. */
export const authSdl = readFileSync(new URL('../../dev/auth-service/schema.graphql', import.meta.url), 'utf8');

export function authSubgraph(): Subgraph {
  return subgraph('auth', authSdl);
}

function composeForApollo(subgraphs: Subgraph[]): Composition {
  const { errors = [], hints = [], schema } = composeServices(subgraphs);
  return {
    errors: errors.map(({ message }) => message),
    warnings: hints.map(({ definition, message }) => ({ code: definition.code, message })),
    schema: schema?.toAPISchema().toGraphQLJSSchema(),
  };
}

function composeForHive(subgraphs: Subgraph[]): Composition {
  const { errors = [], publicSdl } = composeByGuild(subgraphs);
  return {
    errors: errors.map(({ message }) => message),
    warnings: [],
    schema: publicSdl === undefined ? undefined : buildSchema(publicSdl),
  };
}

function composeForCosmo(subgraphs: Subgraph[]): Composition {
  const result = federateSubgraphs({
    subgraphs: subgraphs.map(({ name, url, typeDefs }) => ({ name, url, definitions: typeDefs })),
  });
  return {
    errors: result.success ? [] : result.errors.map(({ message }) => message),
    warnings: result.warnings.map(({ message }) => ({ code: 'WARNING', message })),
    schema: result.success ? result.federatedGraphClientSchema : undefined,
  };
}
