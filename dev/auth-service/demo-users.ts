/** For development only: every client of the running supergraph can sign in with it. */
export const DEMO_PASSWORD = 'for-development-only';

export interface DemoUser {
  /** Fixed, so that example operations work in every installation. */
  id: string;
  username: string;
  displayName: string;
  email: string;
  /** The `scope` claim of its tokens, separated by spaces. */
  scope?: string;
}

/** The account of the platform's other services: its tokens have every scope of the user-service. */
export const PLATFORM: DemoUser = {
  id: 'platform',
  username: 'platform',
  displayName: 'Learning platform',
  email: 'platform@example.com',
  scope: 'activity:write activity:read activity:import streaks:write badges:manage badges:award',
};

export const DEMO_USERS: readonly DemoUser[] = [
  { id: 'ada', username: 'ada', displayName: 'Ada Lovelace', email: 'ada@example.com' },
  { id: 'grace', username: 'grace', displayName: 'Grace Hopper', email: 'grace@example.com' },
  PLATFORM,
];
