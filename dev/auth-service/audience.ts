/** The `aud` claim of every token; each service of the platform requires it. */
export const AUDIENCE = 'learning-platform';
