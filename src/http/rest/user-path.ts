/** Returns the path of a user's data as a URI: the id may contain `|`, which a URI may not. */
export function userPath(userId: string): string {
  return encodeURI(`/users/${userId}`);
}
