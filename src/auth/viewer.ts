import { AppError } from '../errors.ts';

/** The caller, as a verified token says. */
export interface Viewer {
  id: string;
  /** Sent on to the auth-service when it is asked what only this person may know. */
  token: string;
}

/** @throws UNAUTHENTICATED when the caller is anonymous */
export function requireViewer(viewer: Viewer | null): Viewer {
  if (viewer === null) throw new AppError('UNAUTHENTICATED', 'Not authenticated');
  return viewer;
}

/**
 * The caller, proven to be the person whose things the call is about; without a person, simply the caller.
 * @param deed completes "Not authorized to ..."; legacy clients show it
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export function requireOwner(viewer: Viewer | null, userId: string | null | undefined, deed: string): Viewer {
  const proven = requireViewer(viewer);
  if (userId != null && userId !== proven.id) throw new AppError('FORBIDDEN', `Not authorized to ${deed}`);
  return proven;
}
