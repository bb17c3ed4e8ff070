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
  /** An instant as RFC 3339 in UTC, such as 2026-03-01T09:30:00Z; fractions of a second only where there are any. */
  DateTime: { input: string; output: string; }
  _FieldSet: { input: never; output: never; }
};

/** Something a person has earned. */
export type Badge = {
  readonly __typename?: 'Badge';
  /** When it was earned. */
  readonly dateAchieved: Scalars['DateTime']['output'];
  /** What it was given for: 1 to 500 characters. */
  readonly description: Scalars['String']['output'];
  /** Its picture: an http(s) URL or a path on the platform's own site. */
  readonly iconUrl: Scalars['String']['output'];
  /** The badge's id: a whole number, as text. */
  readonly id: Scalars['ID']['output'];
  /** What it is called: 1 to 100 characters. */
  readonly name: Scalars['String']['output'];
  /** Whose badge it is. */
  readonly user: User;
};

/** A page of badges. */
export type BadgeConnection = {
  readonly __typename?: 'BadgeConnection';
  /** The badges of this page, each with its cursor. */
  readonly edges: ReadonlyArray<BadgeEdge>;
  /** The badges of this page. */
  readonly nodes: ReadonlyArray<Badge>;
  /** Where this page stands in the whole list. */
  readonly pageInfo: PageInfo;
  /** How many badges the person has in all. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A badge in a page. */
export type BadgeEdge = {
  readonly __typename?: 'BadgeEdge';
  /** Where this badge stands in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The badge itself. */
  readonly node: Badge;
};

/** A badge to create. */
export type CreateBadgeInput = {
  /** 1 to 500 characters. */
  readonly description: Scalars['String']['input'];
  /** 1 to 500 characters: an http(s) URL or a path that starts with a slash. */
  readonly iconUrl: Scalars['String']['input'];
  /** 1 to 100 characters. */
  readonly name: Scalars['String']['input'];
  /** Whose badge; the caller when absent, and nobody else. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** What createBadge did. */
export type CreateBadgePayload = {
  readonly __typename?: 'CreateBadgePayload';
  /** The new badge. */
  readonly badge: Badge;
};

/** A goal to create. */
export type CreateGoalInput = {
  /** At most 2,000 characters. */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** Where it starts; IN_PROGRESS when absent. */
  readonly status?: InputMaybe<GoalStatus>;
  /** 0 or more. */
  readonly streakCount?: InputMaybe<Scalars['Int']['input']>;
  /** 1 to 200 characters. */
  readonly title: Scalars['String']['input'];
  /** Whose goal; the caller when absent, and nobody else. */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** What createGoal did. */
export type CreateGoalPayload = {
  readonly __typename?: 'CreateGoalPayload';
  /** The new goal. */
  readonly goal: LearningGoal;
};

/** A goal to delete. */
export type DeleteGoalInput = {
  /** The goal's id. */
  readonly id: Scalars['ID']['input'];
};

/** What deleteGoal did. */
export type DeleteGoalPayload = {
  readonly __typename?: 'DeleteGoalPayload';
  /** The id of the goal that is gone. */
  readonly deletedId: Scalars['ID']['output'];
  /** Whose goal it was. */
  readonly user: User;
};

/** Where a goal stands, and where it can go from there. */
export type GoalStatus =
  /** Put away. Goes on to IN_PROGRESS. */
  | 'archived'
  /** Reached. Goes on to IN_PROGRESS, ARCHIVED. */
  | 'completed'
  /** Being worked on. Goes on to PAUSED, COMPLETED, ARCHIVED. */
  | 'in-progress'
  /** Set, not begun. Goes on to IN_PROGRESS, COMPLETED, ARCHIVED. */
  | 'not-started'
  /** Laid aside for a while. Goes on to IN_PROGRESS, COMPLETED, ARCHIVED. */
  | 'paused';

/** Something a person works towards. */
export type LearningGoal = {
  readonly __typename?: 'LearningGoal';
  /** When it was set. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** What it is about: at most 2,000 characters. */
  readonly description?: Maybe<Scalars['String']['output']>;
  /** The goal's id: a whole number, as text. */
  readonly id: Scalars['ID']['output'];
  /** Where it stands. */
  readonly status: GoalStatus;
  /** For how many days in a row the person has worked on it. */
  readonly streakCount: Scalars['Int']['output'];
  /** What it is called: 1 to 200 characters. */
  readonly title: Scalars['String']['output'];
  /** When it was last changed. */
  readonly updatedAt: Scalars['DateTime']['output'];
  /** Whose goal it is. */
  readonly user: User;
  /** Grows by one with every change; send it as `expectedVersion` to change only what you have seen. */
  readonly version: Scalars['Int']['output'];
};

/** A page of goals. */
export type LearningGoalConnection = {
  readonly __typename?: 'LearningGoalConnection';
  /** The goals of this page, each with its cursor. */
  readonly edges: ReadonlyArray<LearningGoalEdge>;
  /** The goals of this page. */
  readonly nodes: ReadonlyArray<LearningGoal>;
  /** Where this page stands in the whole list. */
  readonly pageInfo: PageInfo;
  /** How many goals the person has in these states, in all. */
  readonly totalCount: Scalars['Int']['output'];
};

/** A goal in a page. */
export type LearningGoalEdge = {
  readonly __typename?: 'LearningGoalEdge';
  /** Where this goal stands in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The goal itself. */
  readonly node: LearningGoal;
};

/** All that can be changed, by those it belongs to. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /** Gives the caller a badge, dated now. LIMIT_REACHED when they have as many as the service allows. */
  readonly createBadge: CreateBadgePayload;
  /** Sets the caller a goal. LIMIT_REACHED when they have as many as the service allows. */
  readonly createGoal: CreateGoalPayload;
  /** Deletes one of the caller's goals; a second time is NOT_FOUND. */
  readonly deleteGoal: DeleteGoalPayload;
  /** Changes one of the caller's goals; what is absent stays as it is. */
  readonly updateGoal: UpdateGoalPayload;
};


/** All that can be changed, by those it belongs to. */
export type MutationCreateBadgeArgs = {
  input: CreateBadgeInput;
};


/** All that can be changed, by those it belongs to. */
export type MutationCreateGoalArgs = {
  input: CreateGoalInput;
};


/** All that can be changed, by those it belongs to. */
export type MutationDeleteGoalArgs = {
  input: DeleteGoalInput;
};


/** All that can be changed, by those it belongs to. */
export type MutationUpdateGoalArgs = {
  input: UpdateGoalInput;
};

/** Where a page of a connection stands in the whole list. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** The cursor of the last node, to be sent as `after` for the next page; null on an empty page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether more follows after the last node of this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Whether this page starts after a cursor. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first node; null on an empty page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** All that can be asked. */
export type Query = {
  readonly __typename?: 'Query';
  /** A badge by id; null when there is none. */
  readonly badge?: Maybe<Badge>;
  /** A goal by id; null when there is none. */
  readonly goal?: Maybe<LearningGoal>;
  /** A person by id; null when the auth-service says that nobody has this id. */
  readonly learner?: Maybe<User>;
  /** The caller, as the token says; null when anonymous. */
  readonly viewer?: Maybe<User>;
};


/** All that can be asked. */
export type QueryBadgeArgs = {
  id: Scalars['ID']['input'];
};


/** All that can be asked. */
export type QueryGoalArgs = {
  id: Scalars['ID']['input'];
};


/** All that can be asked. */
export type QueryLearnerArgs = {
  id: Scalars['ID']['input'];
};

/** A goal to change. An absent field stays as it is; null is for `description` alone. */
export type UpdateGoalInput = {
  /** At most 2,000 characters; null empties it. */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** The version that the change is meant for; CONFLICT when the goal has moved on. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The goal's id. */
  readonly id: Scalars['ID']['input'];
  /** Must be reachable from the present status; the same again changes nothing. */
  readonly status?: InputMaybe<GoalStatus>;
  /** 0 or more. */
  readonly streakCount?: InputMaybe<Scalars['Int']['input']>;
  /** 1 to 200 characters. */
  readonly title?: InputMaybe<Scalars['String']['input']>;
};

/** What updateGoal did. */
export type UpdateGoalPayload = {
  readonly __typename?: 'UpdateGoalPayload';
  /** The goal as it is now. */
  readonly goal: LearningGoal;
};

/** A person. Who they are belongs to the auth-service; here they gain what they earn and work towards. */
export type User = {
  readonly __typename?: 'User';
  /** This person's badges, newest first. */
  readonly badges: ReadonlyArray<Badge>;
  /** This person's badges, newest first, for those who page. */
  readonly badgesConnection: BadgeConnection;
  /** This person's goals, newest first. */
  readonly goals: ReadonlyArray<LearningGoal>;
  /** This person's goals, newest first, for those who page. */
  readonly goalsConnection: LearningGoalConnection;
  /** The auth-service's id of this person: an opaque, case-sensitive string. */
  readonly id: Scalars['ID']['output'];
  /** What this person has achieved so far, in numbers. */
  readonly statistics: UserStatistics;
};


/** A person. Who they are belongs to the auth-service; here they gain what they earn and work towards. */
export type UserBadgesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A person. Who they are belongs to the auth-service; here they gain what they earn and work towards. */
export type UserBadgesConnectionArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A person. Who they are belongs to the auth-service; here they gain what they earn and work towards. */
export type UserGoalsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  status?: InputMaybe<ReadonlyArray<GoalStatus>>;
};


/** A person. Who they are belongs to the auth-service; here they gain what they earn and work towards. */
export type UserGoalsConnectionArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  status?: InputMaybe<ReadonlyArray<GoalStatus>>;
};

/** Totals over everything a person owns. */
export type UserStatistics = {
  readonly __typename?: 'UserStatistics';
  /** One level for every five badges, from 1 to 10. */
  readonly level: Scalars['Int']['output'];
  /** How many badges this person has. */
  readonly totalBadges: Scalars['Int']['output'];
  /** How many learning goals this person has, whatever their status. */
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
  CreateBadgePayload: ResolverTypeWrapper<Omit<CreateBadgePayload, 'badge'> & { badge: ResolversTypes['Badge'] }>;
  CreateGoalInput: CreateGoalInput;
  CreateGoalPayload: ResolverTypeWrapper<Omit<CreateGoalPayload, 'goal'> & { goal: ResolversTypes['LearningGoal'] }>;
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
  UpdateGoalPayload: ResolverTypeWrapper<Omit<UpdateGoalPayload, 'goal'> & { goal: ResolversTypes['LearningGoal'] }>;
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
  CreateBadgePayload: Omit<CreateBadgePayload, 'badge'> & { badge: ResolversParentTypes['Badge'] };
  CreateGoalInput: CreateGoalInput;
  CreateGoalPayload: Omit<CreateGoalPayload, 'goal'> & { goal: ResolversParentTypes['LearningGoal'] };
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
  UpdateGoalPayload: Omit<UpdateGoalPayload, 'goal'> & { goal: ResolversParentTypes['LearningGoal'] };
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
};

export type CreateGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateGoalPayload'] = ResolversParentTypes['CreateGoalPayload']> = {
  goal?: Resolver<ResolversTypes['LearningGoal'], ParentType, ContextType>;
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
  createBadge?: Resolver<ResolversTypes['CreateBadgePayload'], ParentType, ContextType, RequireFields<MutationCreateBadgeArgs, 'input'>>;
  createGoal?: Resolver<ResolversTypes['CreateGoalPayload'], ParentType, ContextType, RequireFields<MutationCreateGoalArgs, 'input'>>;
  deleteGoal?: Resolver<ResolversTypes['DeleteGoalPayload'], ParentType, ContextType, RequireFields<MutationDeleteGoalArgs, 'input'>>;
  updateGoal?: Resolver<ResolversTypes['UpdateGoalPayload'], ParentType, ContextType, RequireFields<MutationUpdateGoalArgs, 'input'>>;
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

