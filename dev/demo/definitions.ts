interface NewDefinition {
  key: string;
  name: string;
  description: string;
  iconUrl: string;
  /** null for a badge that is only awarded by hand. */
  rule: object | null;
  repeat?: 'WEEKLY' | 'PER_STREAK';
  state: 'ACTIVE' | 'DRAFT';
}

/** A definition follows those that its rule names. */
export const DEMO_DEFINITIONS: readonly NewDefinition[] = [
  {
    key: 'first-lesson',
    name: 'First lesson',
    description: 'Completed a lesson',
    iconUrl: '/icons/first-lesson.svg',
    rule: { count: { verb: 'lesson.completed', gte: 1 } },
    state: 'ACTIVE',
  },
  {
    key: 'seven-days',
    name: 'Seven days',
    description: 'Was active on seven days in a row',
    iconUrl: '/icons/seven-days.svg',
    rule: { streak: { gte: 7 } },
    repeat: 'PER_STREAK',
    state: 'ACTIVE',
  },
  {
    key: 'hour-of-practice',
    name: 'An hour of practice',
    description: 'Practised for an hour in one week',
    iconUrl: '/icons/hour-of-practice.svg',
    rule: { sum: { verb: 'practice', gte: 60 } },
    repeat: 'WEEKLY',
    state: 'ACTIVE',
  },
  {
    key: 'hundred-lessons',
    name: 'A hundred lessons',
    description: 'Completed a hundred different lessons',
    iconUrl: '/icons/hundred-lessons.svg',
    rule: { count: { verb: 'lesson.completed', gte: 100, distinct: 'object' } },
    state: 'ACTIVE',
  },
  {
    key: 'all-rounder',
    name: 'All-rounder',
    description: 'Completed lessons and a goal, and practised',
    iconUrl: '/icons/all-rounder.svg',
    rule: {
      all: [
        { badge: { key: 'first-lesson' } },
        { count: { verb: 'practice', gte: 8, distinct: 'date' } },
        { goalsCompleted: { gte: 1 } },
      ],
    },
    state: 'ACTIVE',
  },
  {
    key: 'mentor',
    name: 'Mentor',
    description: 'Helped other users to learn',
    iconUrl: '/icons/mentor.svg',
    rule: null,
    state: 'ACTIVE',
  },
  {
    key: 'night-owl',
    name: 'Night owl',
    description: 'Completed ten lessons in preparation of this badge',
    iconUrl: '/icons/night-owl.svg',
    rule: { count: { verb: 'lesson.completed', gte: 10 } },
    state: 'DRAFT',
  },
];
