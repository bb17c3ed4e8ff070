/**
 * The headers of every response. Responses are errors or data of users, which change at any time, so that caches must
 * not store them. Routes whose responses may be stored set another `cache-control`.
 */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const;

/**
 * Returns the `content-security-policy` of a page, which loads only what the directives name, and no other site frames.
 */
export function pagePolicy(...directives: string[]): string {
  return ["default-src 'none'", ...directives, "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"].join(
    '; ',
  );
}
