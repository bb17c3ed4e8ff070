import type { UserRef } from './user.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type UserMapper = UserRef;
export type UserStatisticsMapper = UserRef;
