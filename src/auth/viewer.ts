import { AppError } from '../errors.ts';
import { hasScope, type Scope } from './scopes.ts';

/** The authenticated user of a request, from its verified token. */
export interface Viewer {
  id: string;
  /** Forwarded to the auth-service when it is asked for the viewer's own private data. */
  token: string;
  /** The known scopes of the token. */
  scopes: ReadonlySet<Scope>;
  /** The claim `zoneinfo` of OpenID Connect, unchecked; undefined for text of more than 64 characters. */
  zoneinfo: string | undefined;
}

declare const ownership: unique symbol;

/** A viewer who was proven to be the owner of the data that the request changes. Only `requireOwner` returns one. */
export interface Owner extends Viewer {
  readonly [ownership]: true;
}

declare const agency: unique symbol;

/**
 * A viewer who was proven to be the user whose data the request changes, or to have the scope. Only `requireActor`
 * returns one.
 */
export interface Actor<Granted extends Scope> extends Viewer {
  /** The user whose data the request changes. */
  readonly userId: string;
  readonly [agency]: Granted;
}

/** The permission of a user's own changes, which a scope gives for all users. */
export interface ActorPermission<Granted extends Scope> {
  /** Completes "Not authorized to ...". */
  action: string;
  scope: Granted;
}

/**
 * Requires a valid token.
 * @throws UNAUTHENTICATED when the request is anonymous
 */
export function requireViewer(viewer: Viewer | null): Viewer {
  if (viewer === null) throw new AppError('UNAUTHENTICATED', 'Not authenticated');
  return viewer;
}

/**
 * Proves that the viewer is the user whose data the request changes. Without a user id, that user is the viewer.
 * @param action completes "Not authorized to ..."; v1 clients show the message
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export function requireOwner(viewer: Viewer | null, userId: string | null | undefined, action: string): Owner {
  const authenticated = requireViewer(viewer);
  if (userId != null && userId !== authenticated.id) {
    throw new AppError('FORBIDDEN', `Not authorized to ${action}`, { field: 'userId' });
  }
  return authenticated as Owner;
}

/**
 * Proves that the viewer is the user whose data the request changes, or has the scope. Without a user id, that user is
 * the viewer.
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export function requireActor<Granted extends Scope>(
  viewer: Viewer | null,
  userId: string | null | undefined,
  { action, scope }: ActorPermission<Granted>,
): Actor<Granted> {
  const authenticated = hasScope(viewer, scope) ? requireViewer(viewer) : requireOwner(viewer, userId, action);
  return { ...authenticated, userId: userId ?? authenticated.id } as Actor<Granted>;
}
