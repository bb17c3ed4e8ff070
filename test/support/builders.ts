interface BadgeInput {
  userId?: string;
  name: string;
  description: string;
  iconUrl: string;
}

interface GoalInput {
  userId?: string;
  title: string;
  description?: string | null;
  status?: 'NOT_STARTED' | 'IN_PROGRESS' | 'PAUSED' | 'COMPLETED' | 'ARCHIVED';
  streakCount?: number;
}

/** Returns a valid CreateBadgeInput (GraphQL). */
export const badgeInput = (given: Partial<BadgeInput> = {}): BadgeInput => ({
  name: 'First steps',
  description: 'Finished the first lesson',
  iconUrl: '/icons/first-steps.svg',
  ...given,
});

/** Returns a valid body of `POST .../badges`; `given` may make it invalid. */
export const badgeBody = (given: Record<string, unknown> = {}) => ({
  name: 'First steps',
  description: 'Finished the first lesson',
  icon_url: '/icons/first-steps.svg',
  ...given,
});

/** Returns a valid CreateGoalInput (GraphQL). */
export const goalInput = (given: Partial<GoalInput> = {}): GoalInput => ({ title: 'Read a book a month', ...given });

/** Returns a valid body of `POST .../goals`; `given` may make it invalid. */
export const goalBody = (given: Record<string, unknown> = {}): Record<string, unknown> => ({
  title: 'Read a book a month',
  ...given,
});
