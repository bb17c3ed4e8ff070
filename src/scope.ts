import type { Viewer } from './auth/viewer.ts';
import type { Db } from './db/client.ts';
import type { UserDirectory } from './users/user.ts';

/** All that a use-case may touch; one for each request. */
export interface Scope {
  db: Db;
  /** The caller; null when anonymous. */
  viewer: Viewer | null;
  /** The auth-service, which knows who people are. */
  users: UserDirectory;
  limits: { badgesPerUser: number; goalsPerUser: number };
  /** The only clock. */
  now: () => Date;
  log: Log;
  requestId: string;
}

/** As pino has it: the facts first, then the sentence. */
export interface Log {
  error(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
}
