import type { Viewer } from '../auth/viewer.ts';
import type { PropagatedHeaders } from '../lib/trace-context.ts';

/** The public data of a user, as the auth-service returns it. */
export interface AuthUser {
  id: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
}

/** A user's data as the auth-service returns it to that user. */
export interface OwnAuthUser extends AuthUser {
  email: string | null;
}

/**
 * The auth-service as this service uses it. Each method throws AUTH_SERVICE_UNAVAILABLE when it gets no valid response.
 */
export interface AuthService {
  /** Returns an entry for each id; null where the auth-service says that the user does not exist. */
  usersByIds(ids: readonly string[]): Promise<Map<string, AuthUser | null>>;
  /**
   * Returns the viewer, asked for with the viewer's token; null when the auth-service says that the user does not
   * exist.
   */
  ownUser(viewer: Pick<Viewer, 'id' | 'token'>): Promise<OwnAuthUser | null>;
}

/**
 * The client of the auth-service, which all requests share. Its calls carry the headers of the request that sends them.
 */
export interface AuthServiceClient {
  usersByIds(ids: readonly string[], headers?: PropagatedHeaders): Promise<Map<string, AuthUser | null>>;
  ownUser(viewer: Pick<Viewer, 'id' | 'token'>, headers?: PropagatedHeaders): Promise<OwnAuthUser | null>;
}

/** The maximum number of ids in one request to the auth-service. */
export const MAX_IDS_PER_LOOKUP = 100;

/**
 * The maximum number of users that one request to this service can look up, so that it leaves capacity for other
 * requests.
 */
export const MAX_IDS_PER_REQUEST = 200;
