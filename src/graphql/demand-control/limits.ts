/**
 * Maximum fields of a response: three times the largest operation that gateways send, which asks for 1,000 users with
 * ten badges and ten goals each.
 */
export const MAX_FIELDS = 500_000;

/**
 * Maximum fields of a response whose values are loaded, such as lists and counts: three times those of that operation.
 * Each takes memory until the response is complete, and more when it fails.
 */
export const MAX_LOADED_FIELDS = 20_000;

/** Maximum rows that the pages of an operation may have. */
export const MAX_ROWS = 250_000;

/** Maximum nesting of fields. */
export const MAX_DEPTH = 15;

/** Maximum lines of a document times the fields that can fail: graphql-js counts the lines for each failed field. */
export const MAX_COUNTED_LINES = 10_000_000;

/** Maximum size of a response. */
export const MAX_RESPONSE_BYTES = 20_000_000;

/** Bytes of the quotes, the colon and the comma of a property in JSON. */
export const PROPERTY_BYTES = 4;

/** Maximum fields at the root of a mutation. They run one after another, each in a transaction of its own. */
export const MAX_MUTATION_FIELDS = 20;

/** Maximum selections of an operation after its fragments are expanded. */
export const MAX_SELECTIONS = 10_000;

/** Maximum length of an alias and of the names that a document defines. */
export const MAX_NAME_LENGTH = 100;

/** Maximum items of a list argument of a query field, `representations` aside. */
export const MAX_LIST_ARGUMENT = 20;

/** Maximum length of a string argument of a query field, in UTF-16 code units. */
export const MAX_STRING_ARGUMENT = 512;
