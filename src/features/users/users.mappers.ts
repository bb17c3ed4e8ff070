/** A reference to a user: the auth-service owns every other field. */
interface UserRef {
  id: string;
}

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type UserMapper = UserRef;
export type UserStatisticsMapper = UserRef;
