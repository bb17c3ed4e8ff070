/** The syntax of the verbs of activities. */
export const VERB = /^[a-z][a-z0-9_.-]{0,63}$/;
