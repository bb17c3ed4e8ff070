/**
 * Maximum fields of a response: three times the largest operation that gateways send, which asks for 1,000 users with ten
 * badges and ten goals each.
 */
export const MAX_FIELDS = 500_000;

/** Maximum nesting of fields. */
export const MAX_DEPTH = 15;

/** Maximum size of a response. */
export const MAX_RESPONSE_BYTES = 20_000_000;

/** Maximum length of an alias and of the names that a document defines. */
export const MAX_NAME_LENGTH = 100;

/** Maximum items of a list argument of a query field, `representations` aside. */
export const MAX_LIST_ARGUMENT = 20;

/** Maximum length of a string argument of a query field, in UTF-16 code units. */
export const MAX_STRING_ARGUMENT = 512;
