/** Returns whether `If-None-Match` has the ETag, by weak comparison, or `*`: RFC 9110, section 13.1.2. */
export function matchesIfNoneMatch(etag: string, ifNoneMatch = ''): boolean {
  const opaque = (tag: string) => tag.replace(/^W\//, '');
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim());
  return tags.some((tag) => tag === '*' || opaque(tag) === opaque(etag));
}
