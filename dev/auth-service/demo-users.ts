/** For development only: every client of the running supergraph can sign in with it. */
export const DEMO_PASSWORD = 'for-development-only';

export interface DemoUser {
  /** Fixed, so that example operations work in every installation. */
  id: string;
  username: string;
  displayName: string;
  email: string;
}

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', username: 'ada', displayName: 'Ada Lovelace', email: 'ada@example.com' },
  { id: 'grace', username: 'grace', displayName: 'Grace Hopper', email: 'grace@example.com' },
];
