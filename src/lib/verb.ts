/** Maximum characters of a verb, which are ASCII. */
export const MAX_VERB_LENGTH = 64;
/** The syntax of the verbs of activities. */
export const VERB = new RegExp(`^[a-z][a-z0-9_.-]{0,${MAX_VERB_LENGTH - 1}}$`);
