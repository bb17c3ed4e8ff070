import type { BadgeDefinition } from './definition.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type BadgeDefinitionMapper = BadgeDefinition;
