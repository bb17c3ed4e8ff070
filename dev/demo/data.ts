interface NewBadge {
  name: string;
  description: string;
  iconUrl: string;
}

export interface NewGoal {
  title: string;
  description?: string;
  status: 'NOT_STARTED' | 'IN_PROGRESS' | 'PAUSED' | 'COMPLETED';
  streakCount?: number;
  targetQuantity?: number;
  timesPerWeek?: number;
  /** The days from the date of the start to `dueOn`; negative for a goal that is overdue. */
  dueInDays?: number;
}

/** Keyed by username; oldest first. */
export const DEMO_BADGES: Record<string, NewBadge[]> = {
  ada: [
    { name: 'First steps', description: 'Finished the first lesson', iconUrl: '/icons/first-steps.png' },
    {
      name: 'Early bird',
      description: 'Learned before breakfast, five days running',
      iconUrl: '/icons/early-bird.png',
    },
    {
      name: 'Algorithmist',
      description: 'Wrote a program for a machine that did not exist',
      iconUrl: '/icons/algorithmist.png',
    },
    {
      name: 'Helping hand',
      description: 'Answered ten questions of other users',
      iconUrl: '/icons/helping-hand.png',
    },
    { name: 'Seven-day streak', description: 'Learned every day for a week', iconUrl: '/icons/streak-7.png' },
    {
      name: 'Polyglot',
      description: 'Finished courses in three languages',
      iconUrl: 'https://example.com/icons/polyglot.png',
    },
  ],
  grace: [
    { name: 'First steps', description: 'Finished the first lesson', iconUrl: '/icons/first-steps.png' },
    { name: 'Bug hunter', description: 'Found a moth in the relay', iconUrl: '/icons/bug-hunter.png' },
    { name: 'Compiler', description: 'Taught a machine to translate', iconUrl: '/icons/compiler.png' },
  ],
};

/** Keyed by username; oldest first. */
export const DEMO_GOALS: Record<string, NewGoal[]> = {
  ada: [
    {
      title: 'Learn GraphQL federation',
      description: 'Entities, keys and gateways',
      status: 'IN_PROGRESS',
      targetQuantity: 70,
      dueInDays: 30,
    },
    { title: 'Read the notes on the engine', status: 'COMPLETED', streakCount: 21 },
    {
      title: 'Practise the harp',
      description: 'Half an hour on Wednesdays and Sundays',
      status: 'IN_PROGRESS',
      timesPerWeek: 2,
    },
    { title: 'Write about Bernoulli numbers', status: 'NOT_STARTED' },
  ],
  grace: [
    { title: 'Explain a nanosecond', description: 'With a piece of wire', status: 'COMPLETED', streakCount: 12 },
    { title: 'Finish the COBOL course', status: 'IN_PROGRESS', targetQuantity: 24, dueInDays: -3 },
  ],
};
