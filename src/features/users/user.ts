/** A reference to a user: the auth-service owns every other field. */
export interface UserRef {
  id: string;
}
