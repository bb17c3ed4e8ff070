import type { Scope } from '../../auth/scopes.ts';

/**
 * `public`: the route does not read the token, as in v1. An action: only the user of the path may perform it, or a
 * token with the scope, if there is one. It completes "Not authorized to ...". `requires`: only a token with the scope.
 * `private`: only the user of the path may read it, or a token with the scope.
 */
export type Access =
  | 'public'
  | { action: string; scope?: Scope }
  | { action: string; requires: Scope }
  | { private: Scope };
