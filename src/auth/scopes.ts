import { AppError } from '../errors.ts';

/** Every scope that the service knows, with the permission that it gives. docs/API.md has the same table. */
export const SCOPES = {
  'activity:write': 'Records and voids activities of all users, with any verb, one by one or in batches.',
  'activity:read': 'Reads the activities, calendars, time zones and excused dates of all users.',
  'activity:import': 'Records activities that are more than 72 hours old.',
  'streaks:write': 'Excuses dates of all users, past dates included, and cancels any excused dates.',
  'badges:manage':
    'Defines badges, and starts and reads backfills. Reads drafts and rules, and the progress and evidence of all users, with the activities of the evidence.',
  'badges:award': 'Awards, revokes and reinstates badges of all users.',
} as const;

export type Scope = keyof typeof SCOPES;

/** A viewer, as far as scopes are concerned. */
interface ScopeHolder {
  readonly scopes: ReadonlySet<Scope>;
}

declare const authorization: unique symbol;

/** The proof that a token has the scope. Only `requireScope` returns one. */
export interface Authorized<Granted extends Scope> extends ScopeHolder {
  readonly [authorization]: Granted;
}

declare const visibility: unique symbol;

/** The proof that the viewer may see the private data of a user. Only `readerOf` returns one. */
export interface Reader<Granted extends Scope> {
  /** The user whose data the viewer may see. */
  readonly userId: string;
  readonly [visibility]: Granted;
}

/** The set of all tokens without a known scope. */
const NO_SCOPES: ReadonlySet<Scope> = new Set();

/**
 * Returns the known scopes of a token. The claim `scope` is text (RFC 8693, section 4.2). The claims `scp` and
 * `permissions` are lists or text, as issuers other than OAuth's use them. Claims of other types give no scope.
 */
export function readScopes({ scope, scp, permissions }: Readonly<Record<string, unknown>>): ReadonlySet<Scope> {
  const names = [...wordsOf(scope), ...itemsOf(scp), ...itemsOf(permissions)];
  const known = names.filter((name): name is Scope => typeof name === 'string' && Object.hasOwn(SCOPES, name));
  return known.length === 0 ? NO_SCOPES : new Set(known);
}

/** Returns whether the token of the request has the scope; false for an anonymous request. */
export function hasScope(viewer: ScopeHolder | null, scope: Scope): boolean {
  return viewer?.scopes.has(scope) === true;
}

/** Returns whether the viewer may see the private data of a user: the user itself, or a token with the scope. */
export function maySee(viewer: (ScopeHolder & { id: string }) | null, userId: string, scope: Scope): boolean {
  return viewer?.id === userId || hasScope(viewer, scope);
}

/** Proves that the viewer may see the private data of a user; returns null for a viewer who may not. */
export function readerOf<Granted extends Scope>(
  viewer: (ScopeHolder & { id: string }) | null,
  userId: string,
  scope: Granted,
): Reader<Granted> | null {
  return maySee(viewer, userId, scope) ? ({ userId } as Reader<Granted>) : null;
}

/**
 * Proves that the token of the request has the scope.
 * @param action completes "Not authorized to ..."
 * @throws UNAUTHENTICATED for an anonymous request, FORBIDDEN for a token without the scope
 */
export function requireScope<Holder extends ScopeHolder, Granted extends Scope>(
  viewer: Holder | null,
  scope: Granted,
  action: string,
): Holder & Authorized<Granted> {
  if (viewer === null) throw new AppError('UNAUTHENTICATED', 'Not authenticated');
  if (!hasScope(viewer, scope)) throw new AppError('FORBIDDEN', `Not authorized to ${action}`);
  return viewer as Holder & Authorized<Granted>;
}

function wordsOf(claim: unknown): string[] {
  return typeof claim === 'string' ? claim.split(' ') : [];
}

function itemsOf(claim: unknown): unknown[] {
  return Array.isArray(claim) ? claim : wordsOf(claim);
}
