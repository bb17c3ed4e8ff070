import type { Authorized, Reader, Scope } from '../../auth/scopes.ts';
import type { Actor, Owner, Viewer } from '../../auth/viewer.ts';

/**
 * `public`: the route does not read the token, as in v1. An action: only the user of the path may perform it, or a
 * token with the scope, if there is one. It completes "Not authorized to ...". `requires`: only a token with the scope.
 * `private`: only the user of the path may read it, or a token with the scope.
 */
export type Access =
  | 'public'
  | { action: string; scope?: undefined }
  | { action: string; scope: Scope }
  | { action: string; requires: Scope }
  | { private: Scope };

/** The proof of the access of a route, which its handler passes to the use-case. */
export type Proof<Declared> = Declared extends { requires: infer Granted extends Scope }
  ? Viewer & Authorized<Granted>
  : Declared extends { private: infer Granted extends Scope }
    ? Reader<Granted>
    : Declared extends { scope: infer Granted extends Scope }
      ? Actor<Granted>
      : Declared extends { action: string }
        ? Owner
        : undefined;

/** The proof of the access that the `config` of a route declares. */
export type ProofOf<Config> = Config extends { access: infer Declared } ? Proof<Declared> : unknown;
