import { badgeLoaders } from './badges/badges.loaders.ts';
import { goalLoaders } from './goals/goals.loaders.ts';
import type { Scope } from './scope.ts';
import { userLoaders } from './users/users.loaders.ts';

type Loaders = ReturnType<typeof badgeLoaders> & ReturnType<typeof goalLoaders> & ReturnType<typeof userLoaders>;

/** All that a resolver may touch: a request's scope, and loaders that gather what its fields ask for. */
export interface Context extends Scope {
  loaders: Loaders;
}

export function createContext(scope: Scope): Context {
  return { ...scope, loaders: createLoaders(scope) };
}

/** Loaders that remember nothing yet. */
export function createLoaders(scope: Scope): Loaders {
  return { ...badgeLoaders(scope), ...goalLoaders(scope), ...userLoaders(scope) };
}
