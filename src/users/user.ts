import type { Viewer } from '../auth/viewer.ts';

/** A reference to a person: all that this service itself knows of anybody. */
export interface UserRef {
  id: string;
}

/** A person as the auth-service shows them to everybody. */
export interface AuthUser extends UserRef {
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
}

/** A person as the auth-service shows them to themselves. */
export interface OwnAuthUser extends AuthUser {
  email: string | null;
}

/** The auth-service as this service uses it. Every function throws AUTH_SERVICE_UNAVAILABLE when it cannot tell. */
export interface UserDirectory {
  /** Everybody asked for; null where the auth-service says that nobody has the id. At most 100 ids go into one call. */
  usersByIds(ids: readonly string[]): Promise<Map<string, AuthUser | null>>;
  /** The caller, asked with their own token; null when the auth-service knows nobody by that id. */
  ownUser(viewer: Viewer): Promise<OwnAuthUser | null>;
}

export const MAX_IDS_PER_CALL = 100;
