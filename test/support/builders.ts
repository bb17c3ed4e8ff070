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

/** A valid CreateBadgeInput of GraphQL. */
export const badgeInput = (given: Partial<BadgeInput> = {}): BadgeInput => ({
  name: 'First steps',
  description: 'Finished the first lesson',
  iconUrl: '/icons/first-steps.svg',
  ...given,
});

/** A valid body of REST's `POST .../badges`; `given` may be wrong on purpose. */
export const badgeBody = (given: Record<string, unknown> = {}) => ({
  name: 'First steps',
  description: 'Finished the first lesson',
  icon_url: '/icons/first-steps.svg',
  ...given,
});

/** A valid CreateGoalInput of GraphQL. */
export const goalInput = (given: Partial<GoalInput> = {}): GoalInput => ({ title: 'Read a book a month', ...given });

/** A valid body of REST's `POST .../goals`; `given` may be wrong on purpose. */
export const goalBody = (given: Record<string, unknown> = {}): Record<string, unknown> => ({
  title: 'Read a book a month',
  ...given,
});
