/** For development only. Whoever runs the stack may sign in as any of them. */
export const DEMO_PASSWORD = 'for-development-only';

export interface DemoPerson {
  /** Fixed, so that operations written down somewhere work in every stack. */
  id: string;
  username: string;
  displayName: string;
  email: string;
}

export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { id: 'ada', username: 'ada', displayName: 'Ada Lovelace', email: 'ada@example.com' },
  { id: 'grace', username: 'grace', displayName: 'Grace Hopper', email: 'grace@example.com' },
];
