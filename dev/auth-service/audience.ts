/** Whom its tokens are for: every service of the platform checks that it is meant. */
export const AUDIENCE = 'learning-platform';
