/** Returns whether `If-Match` has the ETag, by strong comparison, or is `*`: RFC 9110, section 13.1.1. */
export function matchesIfMatch(etag: string, ifMatch: string): boolean {
  return ifMatch.trim() === '*' || tagsOf(ifMatch).includes(etag);
}

/** Returns whether `If-None-Match` has the ETag, by weak comparison, or `*`: RFC 9110, section 13.1.2. */
export function matchesIfNoneMatch(etag: string, ifNoneMatch = ''): boolean {
  const opaque = (tag: string) => tag.replace(/^W\//, '');
  return tagsOf(ifNoneMatch).some((tag) => tag === '*' || opaque(tag) === opaque(etag));
}

function tagsOf(header: string): string[] {
  return header.split(',').map((tag) => tag.trim());
}
