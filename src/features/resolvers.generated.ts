import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { BadgeMapper, BadgeConnectionMapper } from './badges/badges.mappers.ts';
import type { LearningGoalMapper, LearningGoalConnectionMapper } from './goals/goals.mappers.ts';
import type { UserMapper, UserStatisticsMapper } from './users/users.mappers.ts';
import type { RequestContext } from '../request-context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * An instant in UTC as RFC 3339 text, such as 2026-03-01T09:30:00Z. Fractions of a second have up to six digits, and are
   * absent when they are zero.
   */
  DateTime: { input: string; output: string; }
  _FieldSet: { input: never; output: never; }
};

/** An achievement of a user. */
export type Badge = {
  readonly __typename?: 'Badge';
  /** The time at which the badge was achieved. */
  readonly dateAchieved: Scalars['DateTime']['output'];
  /** The reason for the badge: 1 to 500 characters. */
  readonly description: Scalars['String']['output'];
  /** The URL of the picture: an http(s) URL, or a path on the platform's site that starts with one slash. */
  readonly iconUrl: Scalars['String']['output'];
  /** The badge's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** The name: 1 to 100 characters, one line. */
  readonly name: Scalars['String']['output'];
  /** The user that has the badge. */
  readonly user: User;
};

/** A page of a user's badges. */
export type BadgeConnection = {
  readonly __typename?: 'BadgeConnection';
  /** The badges of this page with their cursors. */
  readonly edges: ReadonlyArray<BadgeEdge>;
  /** The badges of this page. */
  readonly nodes: ReadonlyArray<Badge>;
  /** The position of this page in the whole list. */
  readonly pageInfo: PageInfo;
  /** The number of items in the whole list. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An item of a page of badges. */
export type BadgeEdge = {
  readonly __typename?: 'BadgeEdge';
  /** The position of this item in the whole list: an opaque string, valid as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The badge. */
  readonly node: Badge;
};

/** The badge to create. BAD_USER_INPUT for values that break a rule. */
export type CreateBadgeInput = {
  /** The reason for the badge: 1 to 500 characters, at least one of them visible. Tabs and line feeds are allowed. */
  readonly description: Scalars['String']['input'];
  /**
   * The URL of the picture: an http(s) URL, or a path on the platform's site that starts with one slash.
   * 1 to 500 characters, without white space and backslashes.
   */
  readonly iconUrl: Scalars['String']['input'];
  /**
   * A key that makes a repetition safe: 1 to 255 printable ASCII characters without spaces. For 24 hours, a request with the
   * same key gets the badge of the first request and creates none, also across GraphQL and REST. CONFLICT while the first
   * request is in progress. BAD_USER_INPUT for a malformed key, and for a key of a request with other content.
   */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The name: one line of 1 to 100 characters, at least one of them visible. */
  readonly name: Scalars['String']['input'];
  /** The viewer's id, which is also the default. FORBIDDEN for the id of another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** The result of createBadge. */
export type CreateBadgePayload = {
  readonly __typename?: 'CreateBadgePayload';
  /** The new badge. */
  readonly badge: Badge;
  /** The user of the badge. */
  readonly user: User;
};

/** The goal to create. BAD_USER_INPUT for values that break a rule. */
export type CreateGoalInput = {
  /**
   * The description: at most 2,000 characters, none or at least one of them visible. Tabs and line feeds are allowed. null by
   * default.
   */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /**
   * A key that makes a repetition safe: 1 to 255 printable ASCII characters without spaces. For 24 hours, a request with the
   * same key gets the goal of the first request and creates none, also across GraphQL and REST. CONFLICT while the first
   * request is in progress. BAD_USER_INPUT for a malformed key, and for a key of a request with other content.
   */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The status: any. IN_PROGRESS by default. */
  readonly status?: InputMaybe<GoalStatus>;
  /** The number of consecutive days of work on the goal: 0 or more. */
  readonly streakCount?: InputMaybe<Scalars['Int']['input']>;
  /** The title: one line of 1 to 200 characters, at least one of them visible. */
  readonly title: Scalars['String']['input'];
  /** The viewer's id, which is also the default. FORBIDDEN for the id of another user. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** The result of createGoal. */
export type CreateGoalPayload = {
  readonly __typename?: 'CreateGoalPayload';
  /** The new goal. */
  readonly goal: LearningGoal;
  /** The user of the goal. */
  readonly user: User;
};

/** The goal to delete. */
export type DeleteGoalInput = {
  /** The goal's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
};

/** The result of deleteGoal. */
export type DeleteGoalPayload = {
  readonly __typename?: 'DeleteGoalPayload';
  /** The id of the deleted goal. */
  readonly deletedId: Scalars['ID']['output'];
  /** The viewer, who had the goal. */
  readonly user: User;
};

/** The status of a goal. A change to a status that is not listed as next is BAD_USER_INPUT. */
export type GoalStatus =
  /** Put away. Next: IN_PROGRESS. */
  | 'archived'
  /** Reached. Next: IN_PROGRESS, ARCHIVED. */
  | 'completed'
  /** In progress, the status of a new goal by default. Next: PAUSED, COMPLETED, ARCHIVED. */
  | 'in-progress'
  /** Not begun. Next: IN_PROGRESS, COMPLETED, ARCHIVED. */
  | 'not-started'
  /** Interrupted. Next: IN_PROGRESS, COMPLETED, ARCHIVED. */
  | 'paused';

/** A learning goal of a user. */
export type LearningGoal = {
  readonly __typename?: 'LearningGoal';
  /** The time of the creation. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** The description: at most 2,000 characters; null when there is none. */
  readonly description?: Maybe<Scalars['String']['output']>;
  /** The goal's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** The status, which determines the statuses that an update can set. */
  readonly status: GoalStatus;
  /** The number of consecutive days of work on the goal. Clients set it; the service does not compute it. */
  readonly streakCount: Scalars['Int']['output'];
  /** The title: 1 to 200 characters, one line. */
  readonly title: Scalars['String']['output'];
  /** The time of the last change; the time of the creation before the first change. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** The user that has the goal. */
  readonly user: User;
  /** The version: 1 at first, and one more with each change. Send it as `expectedVersion` to detect concurrent changes. */
  readonly version: Scalars['Int']['output'];
};

/** A page of a user's goals. */
export type LearningGoalConnection = {
  readonly __typename?: 'LearningGoalConnection';
  /** The goals of this page with their cursors. */
  readonly edges: ReadonlyArray<LearningGoalEdge>;
  /** The goals of this page. */
  readonly nodes: ReadonlyArray<LearningGoal>;
  /** The position of this page in the whole list. */
  readonly pageInfo: PageInfo;
  /** The number of items in the whole list, counted with the same `status`. */
  readonly totalCount: Scalars['Int']['output'];
};

/** An item of a page of goals. */
export type LearningGoalEdge = {
  readonly __typename?: 'LearningGoalEdge';
  /** The position of this item in the whole list: an opaque string, valid as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The goal. */
  readonly node: LearningGoal;
};

/** The entry points for writes, which run one after another. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /**
   * Creates a badge for the viewer, with the current time as `dateAchieved`. UNAUTHENTICATED without a token.
   * LIMIT_REACHED when the viewer has the maximum number of badges, 1,000 by default (MAX_BADGES_PER_USER).
   */
  readonly createBadge?: Maybe<CreateBadgePayload>;
  /**
   * Creates a goal for the viewer. UNAUTHENTICATED without a token. LIMIT_REACHED when the viewer has the maximum number of
   * goals, 500 by default (MAX_GOALS_PER_USER).
   */
  readonly createGoal?: Maybe<CreateGoalPayload>;
  /**
   * Deletes a goal of the viewer. UNAUTHENTICATED without a token. NOT_FOUND when the viewer has no goal with the id, also
   * when it is already deleted.
   */
  readonly deleteGoal?: Maybe<DeleteGoalPayload>;
  /**
   * Updates a goal of the viewer. UNAUTHENTICATED without a token. NOT_FOUND when the viewer has no goal with the id.
   * CONFLICT when the goal does not have the `expectedVersion`. An update that changes nothing keeps `version` and
   * `updatedAt`.
   */
  readonly updateGoal?: Maybe<UpdateGoalPayload>;
};


/** The entry points for writes, which run one after another. */
export type MutationCreateBadgeArgs = {
  input: CreateBadgeInput;
};


/** The entry points for writes, which run one after another. */
export type MutationCreateGoalArgs = {
  input: CreateGoalInput;
};


/** The entry points for writes, which run one after another. */
export type MutationDeleteGoalArgs = {
  input: DeleteGoalInput;
};


/** The entry points for writes, which run one after another. */
export type MutationUpdateGoalArgs = {
  input: UpdateGoalInput;
};

/** The position of a page in the whole list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the last item; null on an empty page. Send it as `after` to get the next page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether items follow after this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether the page was requested with `after`. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first item; null on an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** The entry points for reads. */
export type Query = {
  readonly __typename?: 'Query';
  /** A badge by id; null when no badge has the id. */
  readonly badge?: Maybe<Badge>;
  /** A goal by id; null when no goal has the id. */
  readonly goal?: Maybe<LearningGoal>;
  /**
   * A user by id; null when the auth-service has no user with the id. AUTH_SERVICE_UNAVAILABLE when the auth-service gives
   * no valid response. Use it to read badges, goals and statistics of any user. To get fields of the auth-service as
   * well, such as `username`, start at the auth-service's field for a user, such as `user`.
   */
  readonly learner?: Maybe<User>;
  /**
   * The authenticated user of the request; null without a token. An invalid token is UNAUTHENTICATED for the whole request.
   * Use it to read badges, goals and statistics, without a request to the auth-service. To get fields of the
   * auth-service as well, such as `username`, start at the auth-service's field for the authenticated user, such as `me`.
   */
  readonly viewer?: Maybe<User>;
};


/** The entry points for reads. */
export type QueryBadgeArgs = {
  id: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryGoalArgs = {
  id: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryLearnerArgs = {
  id: Scalars['ID']['input'];
};

/**
 * The goal to update. Absent fields stay unchanged. null removes the `description`, and is BAD_USER_INPUT for `title`,
 * `status` and `streakCount`.
 */
export type UpdateGoalInput = {
  /**
   * The description: at most 2,000 characters, none or at least one of them visible. Tabs and line feeds are allowed. null
   * removes it.
   */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** The version that the client has read. CONFLICT when the goal has another version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The goal's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
  /** The status: the current one, or one that GoalStatus lists as next. */
  readonly status?: InputMaybe<GoalStatus>;
  /** The number of consecutive days of work on the goal: 0 or more. */
  readonly streakCount?: InputMaybe<Scalars['Int']['input']>;
  /** The title: one line of 1 to 200 characters, at least one of them visible. */
  readonly title?: InputMaybe<Scalars['String']['input']>;
};

/** The result of updateGoal. */
export type UpdateGoalPayload = {
  readonly __typename?: 'UpdateGoalPayload';
  /** The goal after the update. */
  readonly goal: LearningGoal;
  /** The user of the goal. */
  readonly user: User;
};

/** A user account of the platform. */
export type User = {
  readonly __typename?: 'User';
  /** This user's badges, newest first. Use `badgesConnection` for cursors and the total count. */
  readonly badges: ReadonlyArray<Badge>;
  /** A page of this user's badges, newest first. Items that are added meanwhile do not shift the next pages. */
  readonly badgesConnection: BadgeConnection;
  /** This user's goals, newest first. Use `goalsConnection` for cursors and the total count. */
  readonly goals: ReadonlyArray<LearningGoal>;
  /** A page of this user's goals, newest first. Items that are added meanwhile do not shift the next pages. */
  readonly goalsConnection: LearningGoalConnection;
  /** The user's id: an opaque, case-sensitive string that never changes. */
  readonly id: Scalars['ID']['output'];
  /** Totals of this user's badges and goals. */
  readonly statistics: UserStatistics;
};


/** A user account of the platform. */
export type UserBadgesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A user account of the platform. */
export type UserBadgesConnectionArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A user account of the platform. */
export type UserGoalsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  status?: InputMaybe<ReadonlyArray<GoalStatus>>;
};


/** A user account of the platform. */
export type UserGoalsConnectionArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  status?: InputMaybe<ReadonlyArray<GoalStatus>>;
};

/** Totals of a user's badges and goals. */
export type UserStatistics = {
  readonly __typename?: 'UserStatistics';
  /** The user's id, by which normalized caches keep the totals of users apart. */
  readonly id: Scalars['ID']['output'];
  /** The level of this user, from 1 to 10: min(floor(totalBadges / 5) + 1, 10). */
  readonly level: Scalars['Int']['output'];
  /** The number of this user's badges. */
  readonly totalBadges: Scalars['Int']['output'];
  /** The number of this user's goals in all statuses. */
  readonly totalGoals: Scalars['Int']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type ReferenceResolver<TResult, TReference, TContext> = (
      reference: TReference,
      context: TContext,
      info: GraphQLResolveInfo
    ) => Promise<TResult> | TResult;

      type ScalarCheck<T, S> = S extends true ? T : NullableCheck<T, S>;
      type NullableCheck<T, S> = Maybe<T> extends T ? Maybe<ListCheck<NonNullable<T>, S>> : ListCheck<T, S>;
      type ListCheck<T, S> = T extends (infer U)[] ? NullableCheck<U, S>[] : GraphQLRecursivePick<T, S>;
      export type GraphQLRecursivePick<T, S> = { [K in keyof T & keyof S]: ScalarCheck<T[K], S[K]> };
    

export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

/** Mapping of federation types */
export type FederationTypes = {
  Badge: Badge;
  LearningGoal: LearningGoal;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Badge:
    ( { __typename: 'Badge' }
    & GraphQLRecursivePick<FederationTypes['Badge'], {"id":true}> );
  LearningGoal:
    ( { __typename: 'LearningGoal' }
    & GraphQLRecursivePick<FederationTypes['LearningGoal'], {"id":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Badge: ResolverTypeWrapper<BadgeMapper>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  BadgeConnection: ResolverTypeWrapper<BadgeConnectionMapper>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  BadgeEdge: ResolverTypeWrapper<Omit<BadgeEdge, 'node'> & { node: ResolversTypes['Badge'] }>;
  CreateBadgeInput: CreateBadgeInput;
  CreateBadgePayload: ResolverTypeWrapper<Omit<CreateBadgePayload, 'badge' | 'user'> & { badge: ResolversTypes['Badge'], user: ResolversTypes['User'] }>;
  CreateGoalInput: CreateGoalInput;
  CreateGoalPayload: ResolverTypeWrapper<Omit<CreateGoalPayload, 'goal' | 'user'> & { goal: ResolversTypes['LearningGoal'], user: ResolversTypes['User'] }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteGoalInput: DeleteGoalInput;
  DeleteGoalPayload: ResolverTypeWrapper<Omit<DeleteGoalPayload, 'user'> & { user: ResolversTypes['User'] }>;
  GoalStatus: null;
  LearningGoal: ResolverTypeWrapper<LearningGoalMapper>;
  LearningGoalConnection: ResolverTypeWrapper<LearningGoalConnectionMapper>;
  LearningGoalEdge: ResolverTypeWrapper<Omit<LearningGoalEdge, 'node'> & { node: ResolversTypes['LearningGoal'] }>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  UpdateGoalInput: UpdateGoalInput;
  UpdateGoalPayload: ResolverTypeWrapper<Omit<UpdateGoalPayload, 'goal' | 'user'> & { goal: ResolversTypes['LearningGoal'], user: ResolversTypes['User'] }>;
  User: ResolverTypeWrapper<UserMapper>;
  UserStatistics: ResolverTypeWrapper<UserStatisticsMapper>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Badge: BadgeMapper;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  BadgeConnection: BadgeConnectionMapper;
  Int: Scalars['Int']['output'];
  BadgeEdge: Omit<BadgeEdge, 'node'> & { node: ResolversParentTypes['Badge'] };
  CreateBadgeInput: CreateBadgeInput;
  CreateBadgePayload: Omit<CreateBadgePayload, 'badge' | 'user'> & { badge: ResolversParentTypes['Badge'], user: ResolversParentTypes['User'] };
  CreateGoalInput: CreateGoalInput;
  CreateGoalPayload: Omit<CreateGoalPayload, 'goal' | 'user'> & { goal: ResolversParentTypes['LearningGoal'], user: ResolversParentTypes['User'] };
  DateTime: Scalars['DateTime']['output'];
  DeleteGoalInput: DeleteGoalInput;
  DeleteGoalPayload: Omit<DeleteGoalPayload, 'user'> & { user: ResolversParentTypes['User'] };
  LearningGoal: LearningGoalMapper;
  LearningGoalConnection: LearningGoalConnectionMapper;
  LearningGoalEdge: Omit<LearningGoalEdge, 'node'> & { node: ResolversParentTypes['LearningGoal'] };
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Boolean: Scalars['Boolean']['output'];
  Query: Record<PropertyKey, never>;
  UpdateGoalInput: UpdateGoalInput;
  UpdateGoalPayload: Omit<UpdateGoalPayload, 'goal' | 'user'> & { goal: ResolversParentTypes['LearningGoal'], user: ResolversParentTypes['User'] };
  User: UserMapper;
  UserStatistics: UserStatisticsMapper;
};

export type BadgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Badge'] = ResolversParentTypes['Badge'], FederationReferenceType extends FederationReferenceTypes['Badge'] = FederationReferenceTypes['Badge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Badge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  dateAchieved?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  iconUrl?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type BadgeConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeConnection'] = ResolversParentTypes['BadgeConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BadgeEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Badge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BadgeEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeEdge'] = ResolversParentTypes['BadgeEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
};

export type CreateBadgePayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateBadgePayload'] = ResolversParentTypes['CreateBadgePayload']> = {
  badge?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type CreateGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateGoalPayload'] = ResolversParentTypes['CreateGoalPayload']> = {
  goal?: Resolver<ResolversTypes['LearningGoal'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DeleteGoalPayload'] = ResolversParentTypes['DeleteGoalPayload']> = {
  deletedId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type GoalStatusResolvers = { ARCHIVED: 'archived', COMPLETED: 'completed', IN_PROGRESS: 'in-progress', NOT_STARTED: 'not-started', PAUSED: 'paused' };

export type LearningGoalResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LearningGoal'] = ResolversParentTypes['LearningGoal'], FederationReferenceType extends FederationReferenceTypes['LearningGoal'] = FederationReferenceTypes['LearningGoal']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['LearningGoal']> | FederationReferenceType, FederationReferenceType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['GoalStatus'], ParentType, ContextType>;
  streakCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  title?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  updatedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type LearningGoalConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LearningGoalConnection'] = ResolversParentTypes['LearningGoalConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['LearningGoalEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['LearningGoal']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type LearningGoalEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LearningGoalEdge'] = ResolversParentTypes['LearningGoalEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['LearningGoal'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  createBadge?: Resolver<Maybe<ResolversTypes['CreateBadgePayload']>, ParentType, ContextType, RequireFields<MutationCreateBadgeArgs, 'input'>>;
  createGoal?: Resolver<Maybe<ResolversTypes['CreateGoalPayload']>, ParentType, ContextType, RequireFields<MutationCreateGoalArgs, 'input'>>;
  deleteGoal?: Resolver<Maybe<ResolversTypes['DeleteGoalPayload']>, ParentType, ContextType, RequireFields<MutationDeleteGoalArgs, 'input'>>;
  updateGoal?: Resolver<Maybe<ResolversTypes['UpdateGoalPayload']>, ParentType, ContextType, RequireFields<MutationUpdateGoalArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  badge?: Resolver<Maybe<ResolversTypes['Badge']>, ParentType, ContextType, RequireFields<QueryBadgeArgs, 'id'>>;
  goal?: Resolver<Maybe<ResolversTypes['LearningGoal']>, ParentType, ContextType, RequireFields<QueryGoalArgs, 'id'>>;
  learner?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryLearnerArgs, 'id'>>;
  viewer?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type UpdateGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateGoalPayload'] = ResolversParentTypes['UpdateGoalPayload']> = {
  goal?: Resolver<ResolversTypes['LearningGoal'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  badges?: Resolver<ReadonlyArray<ResolversTypes['Badge']>, ParentType, ContextType, RequireFields<UserBadgesArgs, 'first'>>;
  badgesConnection?: Resolver<ResolversTypes['BadgeConnection'], ParentType, ContextType, RequireFields<UserBadgesConnectionArgs, 'first'>>;
  goals?: Resolver<ReadonlyArray<ResolversTypes['LearningGoal']>, ParentType, ContextType, RequireFields<UserGoalsArgs, 'first'>>;
  goalsConnection?: Resolver<ResolversTypes['LearningGoalConnection'], ParentType, ContextType, RequireFields<UserGoalsConnectionArgs, 'first'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  statistics?: Resolver<ResolversTypes['UserStatistics'], ParentType, ContextType>;
};

export type UserStatisticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserStatistics'] = ResolversParentTypes['UserStatistics']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  level?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalBadges?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalGoals?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  Badge?: BadgeResolvers<ContextType>;
  BadgeConnection?: BadgeConnectionResolvers<ContextType>;
  BadgeEdge?: BadgeEdgeResolvers<ContextType>;
  CreateBadgePayload?: CreateBadgePayloadResolvers<ContextType>;
  CreateGoalPayload?: CreateGoalPayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteGoalPayload?: DeleteGoalPayloadResolvers<ContextType>;
  GoalStatus?: GoalStatusResolvers;
  LearningGoal?: LearningGoalResolvers<ContextType>;
  LearningGoalConnection?: LearningGoalConnectionResolvers<ContextType>;
  LearningGoalEdge?: LearningGoalEdgeResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  UpdateGoalPayload?: UpdateGoalPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserStatistics?: UserStatisticsResolvers<ContextType>;
};

