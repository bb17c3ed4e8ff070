import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { ActivityMapper, ActivityConnectionMapper } from './activities/activities.mappers.ts';
import type { BadgeEvidenceMapper, EvidenceReplayMapper, BadgeProgressMapper } from './awards/awards.mappers.ts';
import type { BadgeBackfillMapper, BadgeBackfillSampleMapper } from './backfills/backfills.mappers.ts';
import type { BadgeDefinitionMapper } from './badge-definitions/badge-definitions.mappers.ts';
import type { BadgeMapper, BadgeConnectionMapper } from './badges/badges.mappers.ts';
import type { ExcusedDatesMapper } from './excused-dates/excused-dates.mappers.ts';
import type { LearningGoalMapper, LearningGoalConnectionMapper, GoalProgressMapper } from './goals/goals.mappers.ts';
import type { StreakMapper } from './streaks/streaks.mappers.ts';
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
   * A date as an RFC 3339 full-date, such as 2026-03-01, from year 1 on. Other text, and that of a date that does not exist,
   * is BAD_USER_INPUT in a variable, and GRAPHQL_VALIDATION_FAILED in the document. It fails the whole operation that the
   * service receives. Through a gateway, this can be a part of the client's operation.
   */
  Date: { input: string; output: string; }
  /**
   * An instant in UTC as RFC 3339 text, such as 2026-03-01T09:30:00Z. Fractions of a second have up to six digits, and are
   * absent when they are zero. As input, any offset and up to nine digits, of which six are kept. Other text is
   * BAD_USER_INPUT in a variable, and GRAPHQL_VALIDATION_FAILED in the document. It fails the whole operation that the
   * service receives. Through a gateway, this can be a part of the client's operation.
   */
  DateTime: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  _FieldSet: { input: never; output: never; }
};

/** An action of a user, such as a completed lesson. It counts for streaks, goals and badges until it is void. */
export type Activity = {
  readonly __typename?: 'Activity';
  /** The id that the client gave the event, unique for the user. */
  readonly eventId: Scalars['String']['output'];
  /** The goal for which it counts; null when there is none or it is deleted. */
  readonly goal?: Maybe<LearningGoal>;
  /** The activity's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** The date of `occurredAt` in `timeZone`. A later change of the user's time zone does not change it. */
  readonly localDate: Scalars['Date']['output'];
  /** The object, such as the id of a lesson; null when there is none. */
  readonly objectId?: Maybe<Scalars['String']['output']>;
  /** The time at which it happened. */
  readonly occurredAt: Scalars['DateTime']['output'];
  /** The amount: 1 to 1,000,000. */
  readonly quantity: Scalars['Int']['output'];
  /** The time at which it was recorded. */
  readonly recordedAt: Scalars['DateTime']['output'];
  /** The time zone of the user at `occurredAt`. */
  readonly timeZone: Scalars['String']['output'];
  /** The user that did it. */
  readonly user: User;
  /** The kind of activity, such as `lesson.completed`. */
  readonly verb: Scalars['String']['output'];
  /** The time since which it does not count; null while it counts. */
  readonly voidedAt?: Maybe<Scalars['DateTime']['output']>;
};

/** A page of a user's activities. */
export type ActivityConnection = {
  readonly __typename?: 'ActivityConnection';
  /** The activities of this page with their cursors. */
  readonly edges: ReadonlyArray<ActivityEdge>;
  /** The activities of this page. */
  readonly nodes: ReadonlyArray<Activity>;
  /** The position of this page in the whole list. */
  readonly pageInfo: PageInfo;
};

/** An item of a page of activities. */
export type ActivityEdge = {
  readonly __typename?: 'ActivityEdge';
  /** The position of this item in the whole list: an opaque string, valid as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The activity. */
  readonly node: Activity;
};

/** The badge to award. BAD_USER_INPUT for values that break a rule. */
export type AwardBadgeInput = {
  /**
   * The key that makes the award unique among those of the user and the definition. One line of at most 100 characters,
   * none or at least one of them visible. Empty by default, as for badges that rules award once; rules award `2026-W10`,
   * `2026-03` and `run:2026-03-01` for others.
   */
  readonly awardKey?: InputMaybe<Scalars['String']['input']>;
  /** The time at which the badge was achieved: from 1970 to 5 minutes ahead. Now by default. */
  readonly dateAchieved?: InputMaybe<Scalars['DateTime']['input']>;
  /** The definition's key. BAD_USER_INPUT unless it matches ^[a-z0-9][a-z0-9-]{1,62}$. */
  readonly key: Scalars['ID']['input'];
  /**
   * The id of the user that gets the badge. 1 to 128 characters of A-Z, a-z, 0-9 and `._~:|@+-`, a letter or digit first,
   * and not `me` or `activities`. The service does not check that the user exists, and ids are case-sensitive: look the id
   * up first.
   */
  readonly userId: Scalars['ID']['input'];
};

/** The result of awardBadge. */
export type AwardBadgePayload = {
  readonly __typename?: 'AwardBadgePayload';
  /** The badge. */
  readonly badge: Badge;
  /** The user of the badge. */
  readonly user: User;
};

/** An achievement of a user. */
export type Badge = {
  readonly __typename?: 'Badge';
  /**
   * The time at which the badge was achieved: when the deciding activity, goal or badge completed the rule. For other
   * badges, it is the given time or that of the creation.
   */
  readonly dateAchieved: Scalars['DateTime']['output'];
  /**
   * The definition by which the badge was awarded; null for other badges. The badge keeps the name, description and icon
   * of its award, also after the definition has changed.
   */
  readonly definition?: Maybe<BadgeDefinition>;
  /** The description: 1 to 500 characters. */
  readonly description: Scalars['String']['output'];
  /**
   * The reason for an award by a rule. null for other badges. Also null unless the viewer is its user or has the scope
   * `badges:manage`. BAD_USER_INPUT for more than 50 badges of one operation, or when their rules about different objects
   * read more than 500,000 activities.
   */
  readonly evidence?: Maybe<BadgeEvidence>;
  /**
   * The icon: an http(s) URL, or a path that starts with one slash; 1 to 500 characters, without white space and
   * backslashes.
   */
  readonly iconUrl: Scalars['String']['output'];
  /** The badge's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** The name: 1 to 100 characters, one line. */
  readonly name: Scalars['String']['output'];
  /** The origin of the badge. */
  readonly source: BadgeSource;
  /** The status. Lists and counts leave out revoked badges. */
  readonly status: BadgeStatus;
  /** The user that has the badge. */
  readonly user: User;
};

/**
 * A run over all users that awards the badges of a definition which they have earned before it was active. It runs in the
 * background, and another replica continues it when its replica stops.
 */
export type BadgeBackfill = {
  readonly __typename?: 'BadgeBackfill';
  /** The number of badges that it has awarded; of a dry run, that it would award. */
  readonly badgesAwarded: Scalars['Int']['output'];
  /** The definition whose badges it awards. */
  readonly definition: BadgeDefinition;
  /** Whether it counts the badges and awards none. */
  readonly dryRun: Scalars['Boolean']['output'];
  /** The time of its end; null while it runs. It ends early when the definition is no longer ACTIVE. */
  readonly finishedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The backfill's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** The first awards, at most 10. */
  readonly samples: ReadonlyArray<BadgeBackfillSample>;
  /** The time of its start. */
  readonly startedAt: Scalars['DateTime']['output'];
  /** The number of users that it has examined. */
  readonly usersExamined: Scalars['Int']['output'];
};

/** An award of a backfill. */
export type BadgeBackfillSample = {
  readonly __typename?: 'BadgeBackfillSample';
  /** The award key. */
  readonly awardKey: Scalars['String']['output'];
  /** The time at which the badge was achieved: when the deciding activity, goal or badge completed the rule. */
  readonly dateAchieved: Scalars['DateTime']['output'];
  /** The user that has earned the badge. */
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
  /** The number of items in the whole list, which is `statistics.totalBadges`. */
  readonly totalCount: Scalars['Int']['output'];
};

/**
 * The definition of a badge that users earn or are awarded. Only tokens with the scope `badges:manage` see drafts: for
 * others they do not exist.
 */
export type BadgeDefinition = {
  readonly __typename?: 'BadgeDefinition';
  /** The description: 1 to 500 characters. */
  readonly description: Scalars['String']['output'];
  /**
   * The icon: an http(s) URL, or a path that starts with one slash; 1 to 500 characters, without white space and
   * backslashes.
   */
  readonly iconUrl: Scalars['String']['output'];
  /** The definition's key, which never changes: it matches ^[a-z0-9][a-z0-9-]{1,62}$. */
  readonly key: Scalars['ID']['output'];
  /** The name: 1 to 100 characters, one line. */
  readonly name: Scalars['String']['output'];
  /** How often a user can earn the badge. */
  readonly repeat: BadgeRepeat;
  /**
   * The rule, in the form that `CreateBadgeDefinitionInput` describes. null for a badge that is only awarded by hand. Also
   * null unless the viewer has the scope `badges:manage`.
   */
  readonly rule?: Maybe<Scalars['JSON']['output']>;
  /** The state, which determines whether badges are awarded. */
  readonly state: BadgeDefinitionState;
  /**
   * The version: 1 at first, and one more with each change of another field than `state`. Badges keep the version that
   * they were awarded with. Send it as `expectedVersion` to detect concurrent changes.
   */
  readonly version: Scalars['Int']['output'];
};

/** The state of a badge definition. A change to a state that is not listed as next is CONFLICT. */
export type BadgeDefinitionState =
  /** Awards badges. Next: LOCKED, ARCHIVED. */
  | 'active'
  /** Awards nothing any more; holders keep their badges. Final: no field can change. */
  | 'archived'
  /** In preparation: awards nothing, and only tokens with the scope `badges:manage` see it. Next: ACTIVE, ARCHIVED. */
  | 'draft'
  /** Awards nothing at present; holders keep their badges. Next: ACTIVE, ARCHIVED. */
  | 'locked';

/** An item of a page of badges. */
export type BadgeEdge = {
  readonly __typename?: 'BadgeEdge';
  /** The position of this item in the whole list: an opaque string, valid as `after`. */
  readonly cursor: Scalars['String']['output'];
  /** The badge. */
  readonly node: Badge;
};

/** The reason for an award by a rule. */
export type BadgeEvidence = {
  readonly __typename?: 'BadgeEvidence';
  /**
   * The activities that counted, newest first: the newest 200 at most. Those that are void today are among them. They are
   * visible to each viewer of the evidence.
   */
  readonly activities: ReadonlyArray<Activity>;
  /** The time at which the deciding activity, goal or badge completed the rule. */
  readonly decidedAt: Scalars['DateTime']['output'];
  /** The definition as it is now. */
  readonly definition: BadgeDefinition;
  /**
   * The SHA-256 of the definition's key, its version, the award key and the activities' ids, separated by spaces. The ids
   * are written as `[12, 7]`, newest first. 64 hexadecimal digits.
   */
  readonly digest: Scalars['String']['output'];
  /** Whether the data of today reproduce the award. */
  readonly replay: EvidenceReplay;
  /** The version of the definition whose rule decided. */
  readonly version: Scalars['Int']['output'];
};

/** The progress of a user towards a badge. For a badge that repeats, that of the present week, month or run. */
export type BadgeProgress = {
  readonly __typename?: 'BadgeProgress';
  /** The badge; null until the user has it, and while it is revoked. */
  readonly badge?: Maybe<Badge>;
  /** The part of `target` that is reached: for `all` the sum over the conditions, for `any` that of the best one. */
  readonly current: Scalars['Int']['output'];
  /** The definition. */
  readonly definition: BadgeDefinition;
  /** `current` over `target`, rounded down to 2 decimals; at most 0.99 until the user has the badge. */
  readonly ratio: Scalars['Float']['output'];
  /** The number that completes the rule; for `all` the sum over the conditions. */
  readonly target: Scalars['Int']['output'];
};

/** How often a user can earn a badge. All dates are the user's local dates. */
export type BadgeRepeat =
  /** Once in each month, by the activities of that month. */
  | 'monthly'
  /** Once. */
  | 'once'
  /** Once in each run of the overall streak, by the activities from the first date of the run on. */
  | 'per-streak'
  /** Once in each ISO week, by the activities of that week. */
  | 'weekly';

/** The origin of a badge. */
export type BadgeSource =
  /** Copied from a v1 database. */
  | 'import'
  /** Awarded by hand. */
  | 'issuer'
  /** Awarded by the rule of a badge definition. */
  | 'rule'
  /** Created by its user. */
  | 'self';

/** The status of a badge. */
export type BadgeStatus =
  /** The user holds the badge. */
  | 'active'
  /** The badge was revoked. Rules do not award it again. */
  | 'revoked';

/** The activities of one date that are not void. */
export type CalendarDay = {
  readonly __typename?: 'CalendarDay';
  /** The number of activities. */
  readonly count: Scalars['Int']['output'];
  /** The date. */
  readonly date: Scalars['Date']['output'];
  /** Whether the date is excused. */
  readonly excused: Scalars['Boolean']['output'];
  /** The sum of their quantities, at most 2,147,483,647. */
  readonly quantity: Scalars['Int']['output'];
};

/** The range to cancel. */
export type CancelExcusedDatesInput = {
  /** The range's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
};

/** The result of cancelExcusedDates. */
export type CancelExcusedDatesPayload = {
  readonly __typename?: 'CancelExcusedDatesPayload';
  /** The range with its last date now; a void one with the last date that it had. */
  readonly excusedDates: ExcusedDates;
  /** The user whose dates were excused. */
  readonly user: User;
};

/** The badge definition to create. BAD_USER_INPUT for values that break a rule. */
export type CreateBadgeDefinitionInput = {
  /** The description: 1 to 500 characters, at least one of them visible. Tabs and line feeds are allowed. */
  readonly description: Scalars['String']['input'];
  /**
   * The icon: an http(s) URL, or a path that starts with one slash; 1 to 500 characters, without white space and
   * backslashes.
   */
  readonly iconUrl: Scalars['String']['input'];
  /** The key, which identifies the definition forever: it matches ^[a-z0-9][a-z0-9-]{1,62}$. */
  readonly key: Scalars['ID']['input'];
  /** The name: one line of 1 to 100 characters, at least one of them visible. */
  readonly name: Scalars['String']['input'];
  /** How often a user can earn the badge: ONCE by default, not null. */
  readonly repeat?: InputMaybe<BadgeRepeat>;
  /**
   * The rule by which users earn the badge; null, the default, for a badge that is only awarded by hand. A rule is an
   * object with exactly one of these members:
   *
   * - `{"all": [...]}`, `{"any": [...]}`: one or more rules, all or any of which hold
   * - `{"count": {"verb": "lesson.completed", "gte": 10}}`: at least 10 activities with the verb; with
   *   `"distinct": "object"` or `"distinct": "date"`, of at least 10 different objects or local dates
   * - `{"sum": {"verb": "practice", "gte": 600}}`: activities with the verb whose quantities add up to at least 600
   * - `{"streak": {"gte": 7}}`: a longest overall streak of at least 7 days
   * - `{"goalsCompleted": {"gte": 3}}`: at least 3 completed goals
   * - `{"badge": {"key": "first-steps"}}`: the badge of another definition, which must exist
   *
   * Different objects are counted among the first 200,000 activities with the verb, in a week, month or run among the
   * first 50,000.
   *
   * A rule has at most 5 levels, of which a condition alone is 1, and at most 20 conditions. `gte` is an integer from 1 to
   * 100,000,000, and a verb matches ^[a-z][a-z0-9_.-]{0,63}$. No definition may ask for its own badge, not through others
   * either. Rules of badges that repeat WEEKLY or MONTHLY have no `streak`, `goalsCompleted` and `badge`. BAD_USER_INPUT
   * for other rules; the message names the place, such as `rule.all[1].count.gte`.
   */
  readonly rule?: InputMaybe<Scalars['JSON']['input']>;
  /** The state: DRAFT, the default, or ACTIVE; not null. */
  readonly state?: InputMaybe<BadgeDefinitionState>;
};

/** The result of createBadgeDefinition. */
export type CreateBadgeDefinitionPayload = {
  readonly __typename?: 'CreateBadgeDefinitionPayload';
  /** The new badge definition. */
  readonly definition: BadgeDefinition;
};

/** The badge to create. BAD_USER_INPUT for values that break a rule. */
export type CreateBadgeInput = {
  /** The description: 1 to 500 characters, at least one of them visible. Tabs and line feeds are allowed. */
  readonly description: Scalars['String']['input'];
  /**
   * The icon: an http(s) URL, or a path that starts with one slash; 1 to 500 characters, without white space and
   * backslashes.
   */
  readonly iconUrl: Scalars['String']['input'];
  /**
   * A key that makes a repetition safe: 1 to 255 printable ASCII characters without spaces. For 24 hours, a request with
   * the same key gets the badge of the first request and creates none, also across GraphQL and REST. CONFLICT while the
   * first request is in progress. BAD_USER_INPUT for a malformed key, and for a key of a request with other content.
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
   * The description: at most 2,000 characters, none or at least one of them visible. Tabs and line feeds are allowed. null
   * by default.
   */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** The date to reach it. null by default. */
  readonly dueOn?: InputMaybe<Scalars['Date']['input']>;
  /**
   * A key that makes a repetition safe: 1 to 255 printable ASCII characters without spaces. For 24 hours, a request with
   * the same key gets the goal of the first request and creates none, also across GraphQL and REST. CONFLICT while the
   * first request is in progress. BAD_USER_INPUT for a malformed key, and for a key of a request with other content.
   */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** The status: any, IN_PROGRESS by default, not null. COMPLETED can earn badges. */
  readonly status?: InputMaybe<GoalStatus>;
  /** The length of the streak as the client counts it: 0 to 2,147,483,647, not null. */
  readonly streakCount?: InputMaybe<Scalars['Int']['input']>;
  /** The sum of the quantities of its activities to reach: 1 to 1,000,000,000. null by default. */
  readonly targetQuantity?: InputMaybe<Scalars['Int']['input']>;
  /** The number of dates with activity that a week of the streak needs: 1 to 7. null, the default, for a daily streak. */
  readonly timesPerWeek?: InputMaybe<Scalars['Int']['input']>;
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

/** Whether the data of today reproduce an award. */
export type EvidenceReplay =
  /** The rule does not hold over them. */
  | 'drifted'
  /**
   * The rule of that version holds for the award key. Activities count that are not void and occurred no later than the
   * deciding one. Goals count that were completed by then and still are, and badges that the user had by then and still
   * has.
   */
  | 'reproduced';

/** The dates to excuse. BAD_USER_INPUT for values that break a rule. */
export type ExcuseDatesInput = {
  /** The first date; today or later, by the user's own date, without the scope `streaks:write`. */
  readonly from: Scalars['Date']['input'];
  /**
   * The reason: 1 to 500 characters, at least one of them visible. Tabs and line feeds are allowed. null by default;
   * required with the scope `streaks:write`.
   */
  readonly reason?: InputMaybe<Scalars['String']['input']>;
  /**
   * The last date, not before `from` and not after 9998-12-31. It is at most the 60th date of the range, with the scope
   * `streaks:write` the 366th.
   */
  readonly to: Scalars['Date']['input'];
  /**
   * The user's id; the viewer's by default. 1 to 128 characters of A-Z, a-z, 0-9 and `._~:|@+-`, a letter or digit first,
   * and not `me` or `activities`. The service does not check that the user exists, and ids are case-sensitive: look the id
   * of another user up first.
   */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
};

/** The result of excuseDates. */
export type ExcuseDatesPayload = {
  readonly __typename?: 'ExcuseDatesPayload';
  /** The new range. */
  readonly excusedDates: ExcusedDates;
  /** The user whose dates are excused. */
  readonly user: User;
};

/** A range of excused dates, such as a holiday. A date without activity in it neither extends nor breaks a streak. */
export type ExcusedDates = {
  readonly __typename?: 'ExcusedDates';
  /** The first date. */
  readonly from: Scalars['Date']['output'];
  /** The range's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** The reason: 1 to 500 characters; null when the user gave none. */
  readonly reason?: Maybe<Scalars['String']['output']>;
  /** The last date. */
  readonly to: Scalars['Date']['output'];
};

/**
 * The progress of a goal, by its activities that are not void. A goal that reaches its target is not completed by that:
 * the user completes it.
 */
export type GoalProgress = {
  readonly __typename?: 'GoalProgress';
  /**
   * The quantity that is missing, divided by the dates from the user's date to `dueOn` and rounded up. It is the whole
   * missing quantity from `dueOn` on. null without `dueOn`.
   */
  readonly neededPerDay?: Maybe<Scalars['Int']['output']>;
  /** The sum of the quantities of the activities, at most 2,147,483,647. */
  readonly quantity: Scalars['Int']['output'];
  /** The part that is reached, 0 to 1, rounded down to two decimals: 1 only when the target is reached. */
  readonly ratio: Scalars['Float']['output'];
  /** The sum to reach. */
  readonly target: Scalars['Int']['output'];
};

/** The status of a goal. A change to a status that is not listed as next is BAD_USER_INPUT; the message lists those. */
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
  /** The date to reach it; null when it has none. */
  readonly dueOn?: Maybe<Scalars['Date']['output']>;
  /** The goal's id: an integer from 1 to 2^53 - 1, as text. */
  readonly id: Scalars['ID']['output'];
  /** Whether `dueOn` is earlier than the user's date, and the goal neither completed nor archived. */
  readonly isOverdue: Scalars['Boolean']['output'];
  /** The progress towards `targetQuantity`; null without a target. */
  readonly progress?: Maybe<GoalProgress>;
  /** The status, which determines the statuses that an update can set. */
  readonly status: GoalStatus;
  /** The streak over the activities for this goal: weekly when the goal has `timesPerWeek`, daily otherwise. */
  readonly streak: Streak;
  /**
   * The length of the goal's streak: in days, or in weeks when it has `timesPerWeek`. Clients set it until the goal has an
   * activity. From then on it is `streak.current`. The client's count is added while that run contains the first activity.
   */
  readonly streakCount: Scalars['Int']['output'];
  /** The sum of the quantities of its activities to reach: 1 to 1,000,000,000; null without a target. */
  readonly targetQuantity?: Maybe<Scalars['Int']['output']>;
  /** The number of dates with activity that a week of the streak needs, 1 to 7; null for a daily streak. */
  readonly timesPerWeek?: Maybe<Scalars['Int']['output']>;
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
   * Awards a badge by hand, without evaluating its rule. Also awards the badges whose rules this badge completes.
   * UNAUTHENTICATED without a token, FORBIDDEN without the scope `badges:award`. NOT_FOUND when no definition has the key,
   * or only a draft that the viewer may not see. A repetition with the same award key returns the existing badge. CONFLICT
   * when that badge is revoked, and for a new badge of a definition that is not ACTIVE. RATE_LIMITED while 100 changes of
   * the viewer's own data wait for one another. Changes for other users have no such limit.
   */
  readonly awardBadge?: Maybe<AwardBadgePayload>;
  /**
   * Cancels a range of excused dates. For its user, the range then ends yesterday. Past dates stay excused, a range that
   * begins today or later becomes void, and a range that is over does not change. With the scope `streaks:write`, the
   * whole range becomes void. A range that was cancelled does not change. UNAUTHENTICATED without a token. NOT_FOUND when
   * no range has the id. Without the scope `streaks:write`, NOT_FOUND also for a range of another user, unless the token
   * has `activity:read`. FORBIDDEN without `streaks:write` for a visible range of another user, and for a range that this
   * scope has created. RATE_LIMITED while 100 changes of the viewer's own data wait for one another. Changes for other
   * users have no such limit.
   */
  readonly cancelExcusedDates?: Maybe<CancelExcusedDatesPayload>;
  /**
   * Creates a badge for the viewer, with the current time as `dateAchieved`. UNAUTHENTICATED without a token.
   * LIMIT_REACHED when the viewer has the maximum number of badges, 1,000 by default (MAX_BADGES_PER_USER).
   * RATE_LIMITED while 100 new badges of the viewer wait for one another.
   */
  readonly createBadge?: Maybe<CreateBadgePayload>;
  /**
   * Creates a badge definition. UNAUTHENTICATED without a token, FORBIDDEN without the scope `badges:manage`. CONFLICT
   * when the key is taken. LIMIT_REACHED when 500 definitions are not archived.
   */
  readonly createBadgeDefinition?: Maybe<CreateBadgeDefinitionPayload>;
  /**
   * Creates a goal for the viewer. UNAUTHENTICATED without a token. LIMIT_REACHED when the viewer has the maximum number
   * of goals, 500 by default (MAX_GOALS_PER_USER). RATE_LIMITED while 100 new goals of the viewer wait for one another.
   * For a COMPLETED goal, 100 changes of the viewer's own data count instead.
   */
  readonly createGoal?: Maybe<CreateGoalPayload>;
  /**
   * Deletes a goal of the viewer. Its activities remain, and count overall. UNAUTHENTICATED without a token. NOT_FOUND
   * when the viewer has no goal with the id, also when it is already deleted. RATE_LIMITED while 100 changes of the viewer
   * wait for one another.
   */
  readonly deleteGoal?: Maybe<DeleteGoalPayload>;
  /**
   * Excuses the dates of a range. A range of the user has at most 60 dates, from today on. With the scope `streaks:write`,
   * it has at most 366 dates of any user, past ones included, with a reason. BAD_USER_INPUT beyond that. LIMIT_REACHED
   * when the user would excuse more than 90 dates among any 365 consecutive ones. LIMIT_REACHED also for more than 500
   * ranges that are not void, and for more than 5,000 different dates in them. Ranges of the user and of tokens with the
   * scope are counted apart. LIMIT_REACHED also for more than 100 ranges of the user in 24 hours, cancelled ones included.
   * UNAUTHENTICATED without a token, FORBIDDEN for another user without the scope. RATE_LIMITED while 100 changes of the
   * viewer's own data wait for one another. Changes for other users have no such limit.
   */
  readonly excuseDates?: Maybe<ExcuseDatesPayload>;
  /**
   * Records activities of many users. Each item has its own result; an invalid item changes nothing. A value of another
   * type, such as text that is no DateTime, fails the whole batch. UNAUTHENTICATED without a token, FORBIDDEN without
   * the scope `activity:write`. RATE_LIMITED while 100 changes of the viewer, who is one of the users, wait for one
   * another. After RATE_LIMITED or SERVICE_UNAVAILABLE, repeat the whole request: items that were recorded are replayed.
   */
  readonly recordActivities?: Maybe<RecordActivitiesPayload>;
  /**
   * Records an activity, with its effects on streaks and badges. A repetition with the same `eventId` and content returns
   * the same activity and changes nothing. UNAUTHENTICATED without a token. FORBIDDEN without the scope `activity:write`
   * for another user, and for a verb that users do not report themselves. They report `check-in`, `lesson.completed` and
   * `practice` by default (SELF_REPORTED_VERBS). CONFLICT for the `eventId` of an activity with other content.
   * RATE_LIMITED while 100 changes of the viewer's own data wait for one another. Changes for other users have no such
   * limit.
   */
  readonly recordActivity?: Maybe<RecordActivityPayload>;
  /**
   * Makes a revoked badge active again, and awards the badges that it completes. Nothing changes when it is active.
   * UNAUTHENTICATED without a token, FORBIDDEN without the scope `badges:award`. NOT_FOUND when no badge has the id.
   * RATE_LIMITED while 100 changes of the viewer's own data wait for one another. Changes for other users have no such
   * limit.
   */
  readonly reinstateBadge?: Maybe<ReinstateBadgePayload>;
  /**
   * Revokes a badge of any source. It keeps its row, leaves lists and counts, and rules do not award it again. Nothing
   * changes when it is revoked already. UNAUTHENTICATED without a token, FORBIDDEN without the scope `badges:award`.
   * NOT_FOUND when no badge has the id. RATE_LIMITED while 100 changes of the viewer's own data wait for one another.
   * Changes for other users have no such limit.
   */
  readonly revokeBadge?: Maybe<RevokeBadgePayload>;
  /**
   * Sets the viewer's time zone from now on. Dates of activities that are recorded already do not change, and nothing
   * changes for the zone in force. UNAUTHENTICATED without a token. LIMIT_REACHED for more than 4 changes in 7 days.
   * RATE_LIMITED while 100 changes of the viewer wait for one another.
   */
  readonly setTimeZone?: Maybe<SetTimeZonePayload>;
  /**
   * Starts a backfill, or returns the one that runs already for the definition with the same `dryRun`. Badges are dated by
   * the activity, goal or badge that completed the rule, those of past weeks, months and runs included. Badges that users
   * have, revoked or not, stay as they are. UNAUTHENTICATED without a token, FORBIDDEN without the scope `badges:manage`.
   * NOT_FOUND when no definition has the key. CONFLICT for a definition that is not ACTIVE. BAD_USER_INPUT for one without
   * a rule.
   */
  readonly startBadgeBackfill?: Maybe<StartBadgeBackfillPayload>;
  /**
   * Updates a badge definition. UNAUTHENTICATED without a token, FORBIDDEN without the scope `badges:manage`. NOT_FOUND
   * when no definition has the key. CONFLICT when the definition does not have the `expectedVersion`, or when the new
   * state does not follow the current one. CONFLICT also for each change of an archived definition. An update that changes
   * nothing keeps `version`. A change applies to all activities that are recorded after the response.
   */
  readonly updateBadgeDefinition?: Maybe<UpdateBadgeDefinitionPayload>;
  /**
   * Updates a goal of the viewer. UNAUTHENTICATED without a token. NOT_FOUND when the viewer has no goal with the id.
   * CONFLICT when the goal does not have the `expectedVersion`. An update that changes nothing keeps `version` and
   * `updatedAt`. RATE_LIMITED while 100 changes of the viewer wait for one another.
   */
  readonly updateGoal?: Maybe<UpdateGoalPayload>;
  /**
   * Excludes an activity from streaks, calendars, progress and rules; its row remains. Badges that it has earned remain as
   * well. Nothing changes when it is void already. UNAUTHENTICATED without a token. NOT_FOUND when no activity has the id.
   * Without the scope `activity:write`, NOT_FOUND also for an activity that the viewer may not see. FORBIDDEN without that
   * scope for a visible activity of another user, and for a verb that users do not report themselves. RATE_LIMITED while
   * 100 changes of the viewer's own data wait for one another. Changes for other users have no such limit.
   */
  readonly voidActivity?: Maybe<VoidActivityPayload>;
};


/** The entry points for writes, which run one after another. */
export type MutationAwardBadgeArgs = {
  input: AwardBadgeInput;
};


/** The entry points for writes, which run one after another. */
export type MutationCancelExcusedDatesArgs = {
  input: CancelExcusedDatesInput;
};


/** The entry points for writes, which run one after another. */
export type MutationCreateBadgeArgs = {
  input: CreateBadgeInput;
};


/** The entry points for writes, which run one after another. */
export type MutationCreateBadgeDefinitionArgs = {
  input: CreateBadgeDefinitionInput;
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
export type MutationExcuseDatesArgs = {
  input: ExcuseDatesInput;
};


/** The entry points for writes, which run one after another. */
export type MutationRecordActivitiesArgs = {
  input: RecordActivitiesInput;
};


/** The entry points for writes, which run one after another. */
export type MutationRecordActivityArgs = {
  input: RecordActivityInput;
};


/** The entry points for writes, which run one after another. */
export type MutationReinstateBadgeArgs = {
  input: ReinstateBadgeInput;
};


/** The entry points for writes, which run one after another. */
export type MutationRevokeBadgeArgs = {
  input: RevokeBadgeInput;
};


/** The entry points for writes, which run one after another. */
export type MutationSetTimeZoneArgs = {
  input: SetTimeZoneInput;
};


/** The entry points for writes, which run one after another. */
export type MutationStartBadgeBackfillArgs = {
  input: StartBadgeBackfillInput;
};


/** The entry points for writes, which run one after another. */
export type MutationUpdateBadgeDefinitionArgs = {
  input: UpdateBadgeDefinitionInput;
};


/** The entry points for writes, which run one after another. */
export type MutationUpdateGoalArgs = {
  input: UpdateGoalInput;
};


/** The entry points for writes, which run one after another. */
export type MutationVoidActivityArgs = {
  input: VoidActivityInput;
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
  /**
   * An activity by id; null when no activity has the id. Also null unless the viewer is its user or has the scope
   * `activity:read`.
   */
  readonly activity?: Maybe<Activity>;
  /** A badge by id, revoked or not; null when no badge has the id. */
  readonly badge?: Maybe<Badge>;
  /** A backfill by id; null when no backfill has the id. Also null unless the viewer has the scope `badges:manage`. */
  readonly badgeBackfill?: Maybe<BadgeBackfill>;
  /** A badge definition by key; null when no definition has the key, and for a draft that the viewer may not see. */
  readonly badgeDefinition?: Maybe<BadgeDefinition>;
  /** The badge definitions in the order of their keys (by bytes), without the drafts that the viewer may not see. */
  readonly badgeDefinitions: ReadonlyArray<BadgeDefinition>;
  /** A goal by id; null when no goal has the id. */
  readonly goal?: Maybe<LearningGoal>;
  /**
   * A user by id; null when the auth-service has no user with the id. AUTH_SERVICE_UNAVAILABLE when the auth-service gives
   * no valid response. BAD_USER_INPUT beyond 200 different users of one operation. Use it to read badges, goals and
   * statistics of any user. To get fields of the auth-service as well, such as `username`, start at the auth-service's
   * field for a user, such as `user`.
   */
  readonly learner?: Maybe<User>;
  /**
   * The authenticated user of the request; null without a token. An invalid token is UNAUTHENTICATED for the whole
   * request. Use it to read badges, goals and statistics, without a request to the auth-service. To get fields of the
   * auth-service as well, such as `username`, start at the auth-service's field for the authenticated user, such as `me`.
   */
  readonly viewer?: Maybe<User>;
};


/** The entry points for reads. */
export type QueryActivityArgs = {
  id: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryBadgeArgs = {
  id: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryBadgeBackfillArgs = {
  id: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryBadgeDefinitionArgs = {
  key: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryBadgeDefinitionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** The entry points for reads. */
export type QueryGoalArgs = {
  id: Scalars['ID']['input'];
};


/** The entry points for reads. */
export type QueryLearnerArgs = {
  id: Scalars['ID']['input'];
};

/** The activities to record. */
export type RecordActivitiesInput = {
  /** 1 to 1,000 activities. BAD_USER_INPUT for other numbers. */
  readonly activities: ReadonlyArray<RecordActivityInput>;
};

/** The result of recordActivities. */
export type RecordActivitiesPayload = {
  readonly __typename?: 'RecordActivitiesPayload';
  /** A result for each activity, in the order of the input. */
  readonly results: ReadonlyArray<RecordActivityResult>;
};

/** The activity to record. BAD_USER_INPUT for values that break a rule. */
export type RecordActivityInput = {
  /** The client's own id of the event: 1 to 100 printable ASCII characters without spaces. */
  readonly eventId: Scalars['String']['input'];
  /**
   * The id of a goal of the same user. null by default. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1, and for
   * other goals.
   */
  readonly goalId?: InputMaybe<Scalars['ID']['input']>;
  /** The object: one line of 1 to 200 characters, at least one of them visible. null by default. */
  readonly objectId?: InputMaybe<Scalars['String']['input']>;
  /**
   * The time at which it happened; now by default. At most 5 minutes ahead, and at most 72 hours ago without the scope
   * `activity:import`.
   */
  readonly occurredAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The amount: 1 to 1,000,000. 1 by default. */
  readonly quantity?: InputMaybe<Scalars['Int']['input']>;
  /**
   * The user's id; the viewer's by default. 1 to 128 characters of A-Z, a-z, 0-9 and `._~:|@+-`, a letter or digit first,
   * and not `me` or `activities`. The service does not check that the user exists, and ids are case-sensitive: look the id
   * of another user up first.
   */
  readonly userId?: InputMaybe<Scalars['ID']['input']>;
  /** The kind of activity: 1 to 64 of a-z, 0-9, `_`, `.` and `-`, a letter first. */
  readonly verb: Scalars['String']['input'];
};

/** The result of recordActivity. */
export type RecordActivityPayload = {
  readonly __typename?: 'RecordActivityPayload';
  /** The activity. */
  readonly activity: Activity;
  /** The badges that it has earned; none for a replay. */
  readonly badges: ReadonlyArray<Badge>;
  /** Whether it was recorded earlier. */
  readonly replayed: Scalars['Boolean']['output'];
  /** The user of the activity. */
  readonly user: User;
};

/** The result of one activity of a batch. */
export type RecordActivityResult = {
  readonly __typename?: 'RecordActivityResult';
  /** The activity; null unless the status is CREATED or REPLAYED. */
  readonly activity?: Maybe<Activity>;
  /** The error code: CONFLICT or BAD_USER_INPUT. null when the activity was recorded. */
  readonly code?: Maybe<Scalars['String']['output']>;
  /** The error message, which names the first invalid field. null when the activity was recorded. */
  readonly message?: Maybe<Scalars['String']['output']>;
  /** Whether the activity was recorded. */
  readonly status: RecordStatus;
};

/** The outcome for one activity of a batch. */
export type RecordStatus =
  /** An activity with the same `eventId` and other content exists. */
  | 'conflict'
  /** The activity was recorded. */
  | 'created'
  /** A value breaks a rule. */
  | 'invalid'
  /** The activity was recorded earlier. */
  | 'replayed';

/** The badge to reinstate. */
export type ReinstateBadgeInput = {
  /** The badge's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
};

/** The result of reinstateBadge. */
export type ReinstateBadgePayload = {
  readonly __typename?: 'ReinstateBadgePayload';
  /** The badge, which is active. */
  readonly badge: Badge;
  /** The user of the badge. */
  readonly user: User;
};

/** The badge to revoke. */
export type RevokeBadgeInput = {
  /** The badge's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
  /**
   * The reason, for the platform's records: 1 to 500 characters, at least one of them visible. Tabs and line feeds are
   * allowed. It is shown to no client.
   */
  readonly reason?: InputMaybe<Scalars['String']['input']>;
};

/** The result of revokeBadge. */
export type RevokeBadgePayload = {
  readonly __typename?: 'RevokeBadgePayload';
  /** The badge, which is revoked. */
  readonly badge: Badge;
  /** The user of the badge. */
  readonly user: User;
};

/** The time zone to set. */
export type SetTimeZoneInput = {
  /**
   * An IANA name such as `Europe/Berlin`, links included, in its exact spelling. BAD_USER_INPUT for a zone that the
   * service does not know, and for an offset.
   */
  readonly timeZone: Scalars['String']['input'];
};

/** The result of setTimeZone. */
export type SetTimeZonePayload = {
  readonly __typename?: 'SetTimeZonePayload';
  /** The time zone in force. */
  readonly timeZone: Scalars['String']['output'];
  /** The user whose zone was set. */
  readonly user: User;
};

/** The backfill to start. */
export type StartBadgeBackfillInput = {
  /** Whether to count the badges and to award none. false by default. */
  readonly dryRun?: InputMaybe<Scalars['Boolean']['input']>;
  /** The definition's key. BAD_USER_INPUT unless it matches ^[a-z0-9][a-z0-9-]{1,62}$. */
  readonly key: Scalars['ID']['input'];
};

/** The result of startBadgeBackfill. */
export type StartBadgeBackfillPayload = {
  readonly __typename?: 'StartBadgeBackfillPayload';
  /** The backfill. */
  readonly backfill: BadgeBackfill;
};

/**
 * Consecutive days or weeks with activity, by the user's own clock. An excused date does not break a streak. Neither does
 * a date that the clock showed for less than 20 hours, unless two such dates are among the 29 dates before it.
 */
export type Streak = {
  readonly __typename?: 'Streak';
  /** The last date that broke a run; weekly, a Sunday. null when none did. */
  readonly brokenOn?: Maybe<Scalars['Date']['output']>;
  /** The length of the present run; 0 when it is broken. */
  readonly current: Scalars['Int']['output'];
  /**
   * The time at which `current` becomes 0 unless there is more activity. null when `current` is 0. Also null unless the
   * viewer is its user or has the scope `activity:read`: it would disclose the time zone.
   */
  readonly expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** The last date with activity; null when there is none. */
  readonly lastActiveOn?: Maybe<Scalars['Date']['output']>;
  /** The length of the longest run. */
  readonly longest: Scalars['Int']['output'];
  /** The first date of the present run; weekly, the Monday of its first week. null when `current` is 0. */
  readonly startedOn?: Maybe<Scalars['Date']['output']>;
  /** The state of the present run. */
  readonly status: StreakStatus;
  /** The number of dates with activity. */
  readonly totalDays: Scalars['Int']['output'];
  /** The unit of `current` and `longest`. */
  readonly unit: StreakUnit;
};

/** The state of a streak. */
export type StreakStatus =
  /** The present day or week counts already, or cannot break the run. */
  | 'active'
  /** The run breaks at `expiresAt` unless there is more activity. */
  | 'at-risk'
  /** The last run is over. */
  | 'broken'
  /** There was never a run. */
  | 'none';

/** The unit of a streak. */
export type StreakUnit =
  /** Local dates. */
  | 'day'
  /** ISO weeks, from Monday to Sunday. */
  | 'week';

/**
 * The badge definition to update. Absent fields stay unchanged. null removes the `rule`, and is BAD_USER_INPUT for `name`,
 * `description`, `iconUrl`, `repeat` and `state`. BAD_USER_INPUT also for values that break a rule.
 */
export type UpdateBadgeDefinitionInput = {
  /** The description: 1 to 500 characters, at least one of them visible. Tabs and line feeds are allowed. */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** The version that the client has read. CONFLICT when the definition has another version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /**
   * The icon: an http(s) URL, or a path that starts with one slash; 1 to 500 characters, without white space and
   * backslashes.
   */
  readonly iconUrl?: InputMaybe<Scalars['String']['input']>;
  /** The definition's key. BAD_USER_INPUT unless it matches ^[a-z0-9][a-z0-9-]{1,62}$. */
  readonly key: Scalars['ID']['input'];
  /** The name: one line of 1 to 100 characters, at least one of them visible. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** How often a user can earn the badge. */
  readonly repeat?: InputMaybe<BadgeRepeat>;
  /** The rule, as `CreateBadgeDefinitionInput` describes it. null removes it: the badge is then only awarded by hand. */
  readonly rule?: InputMaybe<Scalars['JSON']['input']>;
  /** The state: the current one, or one that BadgeDefinitionState lists as next. */
  readonly state?: InputMaybe<BadgeDefinitionState>;
};

/** The result of updateBadgeDefinition. */
export type UpdateBadgeDefinitionPayload = {
  readonly __typename?: 'UpdateBadgeDefinitionPayload';
  /** The badge definition after the update. */
  readonly definition: BadgeDefinition;
};

/**
 * The goal to update. Absent fields stay unchanged. null removes `description`, `targetQuantity`, `dueOn` and
 * `timesPerWeek`, and is BAD_USER_INPUT for `title`, `status` and `streakCount`. BAD_USER_INPUT also for values that break
 * a rule. A title or description that equals the stored one stays unchanged, also if it breaks its rule.
 */
export type UpdateGoalInput = {
  /**
   * The description: at most 2,000 characters, none or at least one of them visible. Tabs and line feeds are allowed. null
   * removes it.
   */
  readonly description?: InputMaybe<Scalars['String']['input']>;
  /** The date to reach it. null removes it. */
  readonly dueOn?: InputMaybe<Scalars['Date']['input']>;
  /** The version that the client has read. CONFLICT when the goal has another version. */
  readonly expectedVersion?: InputMaybe<Scalars['Int']['input']>;
  /** The goal's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
  /** The status: the current one, or one that GoalStatus lists as next. */
  readonly status?: InputMaybe<GoalStatus>;
  /** The length of the streak as the client counts it: 0 to 2,147,483,647. Ignored for a goal that has activities. */
  readonly streakCount?: InputMaybe<Scalars['Int']['input']>;
  /** The sum of the quantities of its activities to reach: 1 to 1,000,000,000. null removes it. */
  readonly targetQuantity?: InputMaybe<Scalars['Int']['input']>;
  /** The number of dates with activity that a week of the streak needs: 1 to 7. null makes the streak daily. */
  readonly timesPerWeek?: InputMaybe<Scalars['Int']['input']>;
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
  /**
   * A page of this user's activities, newest first by `occurredAt`, void ones included. null unless the viewer is this
   * user or has the scope `activity:read`.
   */
  readonly activities?: Maybe<ActivityConnection>;
  /**
   * The days of this user's calendar from one date to another, without gaps, by the user's own dates. null unless the
   * viewer is this user or has the scope `activity:read`.
   */
  readonly activityCalendar?: Maybe<ReadonlyArray<CalendarDay>>;
  /**
   * The progress towards each active definition with a rule, in the order of their keys. null unless the viewer is this
   * user or has the scope `badges:manage`. BAD_USER_INPUT when the operation needs more than 20,000 facts: for each user,
   * one for each definition and one for each condition. BAD_USER_INPUT also when WEEKLY, MONTHLY and PER_STREAK rules
   * about different objects read more than 500,000 activities.
   */
  readonly badgeProgress?: Maybe<ReadonlyArray<BadgeProgress>>;
  /** This user's badges, newest first, without revoked ones. Use `badgesConnection` for cursors and the total count. */
  readonly badges: ReadonlyArray<Badge>;
  /**
   * A page of this user's badges, newest first, without revoked ones. Items that are added meanwhile do not shift the next
   * pages.
   */
  readonly badgesConnection: BadgeConnection;
  /**
   * The ranges of this user's excused dates that are not void, in the order of `from`. There are at most 500 of the user,
   * and 500 of tokens with the scope `streaks:write`. Ranges may overlap. null unless the viewer is this user or has the
   * scope `activity:read`.
   */
  readonly excusedDates?: Maybe<ReadonlyArray<ExcusedDates>>;
  /** This user's goals, newest first. Use `goalsConnection` for cursors and the total count. */
  readonly goals: ReadonlyArray<LearningGoal>;
  /** A page of this user's goals, newest first. Items that are added meanwhile do not shift the next pages. */
  readonly goalsConnection: LearningGoalConnection;
  /** The user's id: an opaque, case-sensitive string that never changes. */
  readonly id: Scalars['ID']['output'];
  /** Totals of this user's badges and goals. */
  readonly statistics: UserStatistics;
  /** The daily streak over all activities of this user. Public; its status is NONE for a user without activities. */
  readonly streak: Streak;
  /**
   * The IANA name of this user's time zone; `UTC` until there is one. null unless the viewer is this user or has the
   * scope `activity:read`.
   */
  readonly timeZone?: Maybe<Scalars['String']['output']>;
};


/** A user account of the platform. */
export type UserActivitiesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  verb?: InputMaybe<Scalars['String']['input']>;
};


/** A user account of the platform. */
export type UserActivityCalendarArgs = {
  from: Scalars['Date']['input'];
  to: Scalars['Date']['input'];
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
  /** The number of this user's badges, without revoked ones. */
  readonly totalBadges: Scalars['Int']['output'];
  /** The number of this user's goals in all statuses. */
  readonly totalGoals: Scalars['Int']['output'];
};

/** The activity to void. */
export type VoidActivityInput = {
  /** The activity's id. BAD_USER_INPUT unless it is an integer from 1 to 2^53 - 1. */
  readonly id: Scalars['ID']['input'];
};

/** The result of voidActivity. */
export type VoidActivityPayload = {
  readonly __typename?: 'VoidActivityPayload';
  /** The activity, which is void. */
  readonly activity: Activity;
  /** The user of the activity. */
  readonly user: User;
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
  Activity: Activity;
  Badge: Badge;
  BadgeDefinition: BadgeDefinition;
  LearningGoal: LearningGoal;
  User: User;
};

/** Mapping of federation reference types */
export type FederationReferenceTypes = {
  Activity:
    ( { __typename: 'Activity' }
    & GraphQLRecursivePick<FederationTypes['Activity'], {"id":true}> );
  Badge:
    ( { __typename: 'Badge' }
    & GraphQLRecursivePick<FederationTypes['Badge'], {"id":true}> );
  BadgeDefinition:
    ( { __typename: 'BadgeDefinition' }
    & GraphQLRecursivePick<FederationTypes['BadgeDefinition'], {"key":true}> );
  LearningGoal:
    ( { __typename: 'LearningGoal' }
    & GraphQLRecursivePick<FederationTypes['LearningGoal'], {"id":true}> );
  User:
    ( { __typename: 'User' }
    & GraphQLRecursivePick<FederationTypes['User'], {"id":true}> );
};



/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Activity: ResolverTypeWrapper<ActivityMapper>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  ActivityConnection: ResolverTypeWrapper<ActivityConnectionMapper>;
  ActivityEdge: ResolverTypeWrapper<Omit<ActivityEdge, 'node'> & { node: ResolversTypes['Activity'] }>;
  AwardBadgeInput: AwardBadgeInput;
  AwardBadgePayload: ResolverTypeWrapper<Omit<AwardBadgePayload, 'badge' | 'user'> & { badge: ResolversTypes['Badge'], user: ResolversTypes['User'] }>;
  Badge: ResolverTypeWrapper<BadgeMapper>;
  BadgeBackfill: ResolverTypeWrapper<BadgeBackfillMapper>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  BadgeBackfillSample: ResolverTypeWrapper<BadgeBackfillSampleMapper>;
  BadgeConnection: ResolverTypeWrapper<BadgeConnectionMapper>;
  BadgeDefinition: ResolverTypeWrapper<BadgeDefinitionMapper>;
  BadgeDefinitionState: null;
  BadgeEdge: ResolverTypeWrapper<Omit<BadgeEdge, 'node'> & { node: ResolversTypes['Badge'] }>;
  BadgeEvidence: ResolverTypeWrapper<BadgeEvidenceMapper>;
  BadgeProgress: ResolverTypeWrapper<BadgeProgressMapper>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  BadgeRepeat: null;
  BadgeSource: null;
  BadgeStatus: null;
  CalendarDay: ResolverTypeWrapper<CalendarDay>;
  CancelExcusedDatesInput: CancelExcusedDatesInput;
  CancelExcusedDatesPayload: ResolverTypeWrapper<Omit<CancelExcusedDatesPayload, 'excusedDates' | 'user'> & { excusedDates: ResolversTypes['ExcusedDates'], user: ResolversTypes['User'] }>;
  CreateBadgeDefinitionInput: CreateBadgeDefinitionInput;
  CreateBadgeDefinitionPayload: ResolverTypeWrapper<Omit<CreateBadgeDefinitionPayload, 'definition'> & { definition: ResolversTypes['BadgeDefinition'] }>;
  CreateBadgeInput: CreateBadgeInput;
  CreateBadgePayload: ResolverTypeWrapper<Omit<CreateBadgePayload, 'badge' | 'user'> & { badge: ResolversTypes['Badge'], user: ResolversTypes['User'] }>;
  CreateGoalInput: CreateGoalInput;
  CreateGoalPayload: ResolverTypeWrapper<Omit<CreateGoalPayload, 'goal' | 'user'> & { goal: ResolversTypes['LearningGoal'], user: ResolversTypes['User'] }>;
  Date: ResolverTypeWrapper<Scalars['Date']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteGoalInput: DeleteGoalInput;
  DeleteGoalPayload: ResolverTypeWrapper<Omit<DeleteGoalPayload, 'user'> & { user: ResolversTypes['User'] }>;
  EvidenceReplay: ResolverTypeWrapper<EvidenceReplayMapper>;
  ExcuseDatesInput: ExcuseDatesInput;
  ExcuseDatesPayload: ResolverTypeWrapper<Omit<ExcuseDatesPayload, 'excusedDates' | 'user'> & { excusedDates: ResolversTypes['ExcusedDates'], user: ResolversTypes['User'] }>;
  ExcusedDates: ResolverTypeWrapper<ExcusedDatesMapper>;
  GoalProgress: ResolverTypeWrapper<GoalProgressMapper>;
  GoalStatus: null;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  LearningGoal: ResolverTypeWrapper<LearningGoalMapper>;
  LearningGoalConnection: ResolverTypeWrapper<LearningGoalConnectionMapper>;
  LearningGoalEdge: ResolverTypeWrapper<Omit<LearningGoalEdge, 'node'> & { node: ResolversTypes['LearningGoal'] }>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  RecordActivitiesInput: RecordActivitiesInput;
  RecordActivitiesPayload: ResolverTypeWrapper<Omit<RecordActivitiesPayload, 'results'> & { results: ReadonlyArray<ResolversTypes['RecordActivityResult']> }>;
  RecordActivityInput: RecordActivityInput;
  RecordActivityPayload: ResolverTypeWrapper<Omit<RecordActivityPayload, 'activity' | 'badges' | 'user'> & { activity: ResolversTypes['Activity'], badges: ReadonlyArray<ResolversTypes['Badge']>, user: ResolversTypes['User'] }>;
  RecordActivityResult: ResolverTypeWrapper<Omit<RecordActivityResult, 'activity'> & { activity?: Maybe<ResolversTypes['Activity']> }>;
  RecordStatus: null;
  ReinstateBadgeInput: ReinstateBadgeInput;
  ReinstateBadgePayload: ResolverTypeWrapper<Omit<ReinstateBadgePayload, 'badge' | 'user'> & { badge: ResolversTypes['Badge'], user: ResolversTypes['User'] }>;
  RevokeBadgeInput: RevokeBadgeInput;
  RevokeBadgePayload: ResolverTypeWrapper<Omit<RevokeBadgePayload, 'badge' | 'user'> & { badge: ResolversTypes['Badge'], user: ResolversTypes['User'] }>;
  SetTimeZoneInput: SetTimeZoneInput;
  SetTimeZonePayload: ResolverTypeWrapper<Omit<SetTimeZonePayload, 'user'> & { user: ResolversTypes['User'] }>;
  StartBadgeBackfillInput: StartBadgeBackfillInput;
  StartBadgeBackfillPayload: ResolverTypeWrapper<Omit<StartBadgeBackfillPayload, 'backfill'> & { backfill: ResolversTypes['BadgeBackfill'] }>;
  Streak: ResolverTypeWrapper<StreakMapper>;
  StreakStatus: null;
  StreakUnit: null;
  UpdateBadgeDefinitionInput: UpdateBadgeDefinitionInput;
  UpdateBadgeDefinitionPayload: ResolverTypeWrapper<Omit<UpdateBadgeDefinitionPayload, 'definition'> & { definition: ResolversTypes['BadgeDefinition'] }>;
  UpdateGoalInput: UpdateGoalInput;
  UpdateGoalPayload: ResolverTypeWrapper<Omit<UpdateGoalPayload, 'goal' | 'user'> & { goal: ResolversTypes['LearningGoal'], user: ResolversTypes['User'] }>;
  User: ResolverTypeWrapper<UserMapper>;
  UserStatistics: ResolverTypeWrapper<UserStatisticsMapper>;
  VoidActivityInput: VoidActivityInput;
  VoidActivityPayload: ResolverTypeWrapper<Omit<VoidActivityPayload, 'activity' | 'user'> & { activity: ResolversTypes['Activity'], user: ResolversTypes['User'] }>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Activity: ActivityMapper;
  String: Scalars['String']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  ActivityConnection: ActivityConnectionMapper;
  ActivityEdge: Omit<ActivityEdge, 'node'> & { node: ResolversParentTypes['Activity'] };
  AwardBadgeInput: AwardBadgeInput;
  AwardBadgePayload: Omit<AwardBadgePayload, 'badge' | 'user'> & { badge: ResolversParentTypes['Badge'], user: ResolversParentTypes['User'] };
  Badge: BadgeMapper;
  BadgeBackfill: BadgeBackfillMapper;
  Boolean: Scalars['Boolean']['output'];
  BadgeBackfillSample: BadgeBackfillSampleMapper;
  BadgeConnection: BadgeConnectionMapper;
  BadgeDefinition: BadgeDefinitionMapper;
  BadgeEdge: Omit<BadgeEdge, 'node'> & { node: ResolversParentTypes['Badge'] };
  BadgeEvidence: BadgeEvidenceMapper;
  BadgeProgress: BadgeProgressMapper;
  Float: Scalars['Float']['output'];
  CalendarDay: CalendarDay;
  CancelExcusedDatesInput: CancelExcusedDatesInput;
  CancelExcusedDatesPayload: Omit<CancelExcusedDatesPayload, 'excusedDates' | 'user'> & { excusedDates: ResolversParentTypes['ExcusedDates'], user: ResolversParentTypes['User'] };
  CreateBadgeDefinitionInput: CreateBadgeDefinitionInput;
  CreateBadgeDefinitionPayload: Omit<CreateBadgeDefinitionPayload, 'definition'> & { definition: ResolversParentTypes['BadgeDefinition'] };
  CreateBadgeInput: CreateBadgeInput;
  CreateBadgePayload: Omit<CreateBadgePayload, 'badge' | 'user'> & { badge: ResolversParentTypes['Badge'], user: ResolversParentTypes['User'] };
  CreateGoalInput: CreateGoalInput;
  CreateGoalPayload: Omit<CreateGoalPayload, 'goal' | 'user'> & { goal: ResolversParentTypes['LearningGoal'], user: ResolversParentTypes['User'] };
  Date: Scalars['Date']['output'];
  DateTime: Scalars['DateTime']['output'];
  DeleteGoalInput: DeleteGoalInput;
  DeleteGoalPayload: Omit<DeleteGoalPayload, 'user'> & { user: ResolversParentTypes['User'] };
  ExcuseDatesInput: ExcuseDatesInput;
  ExcuseDatesPayload: Omit<ExcuseDatesPayload, 'excusedDates' | 'user'> & { excusedDates: ResolversParentTypes['ExcusedDates'], user: ResolversParentTypes['User'] };
  ExcusedDates: ExcusedDatesMapper;
  GoalProgress: GoalProgressMapper;
  JSON: Scalars['JSON']['output'];
  LearningGoal: LearningGoalMapper;
  LearningGoalConnection: LearningGoalConnectionMapper;
  LearningGoalEdge: Omit<LearningGoalEdge, 'node'> & { node: ResolversParentTypes['LearningGoal'] };
  Mutation: Record<PropertyKey, never>;
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  RecordActivitiesInput: RecordActivitiesInput;
  RecordActivitiesPayload: Omit<RecordActivitiesPayload, 'results'> & { results: ReadonlyArray<ResolversParentTypes['RecordActivityResult']> };
  RecordActivityInput: RecordActivityInput;
  RecordActivityPayload: Omit<RecordActivityPayload, 'activity' | 'badges' | 'user'> & { activity: ResolversParentTypes['Activity'], badges: ReadonlyArray<ResolversParentTypes['Badge']>, user: ResolversParentTypes['User'] };
  RecordActivityResult: Omit<RecordActivityResult, 'activity'> & { activity?: Maybe<ResolversParentTypes['Activity']> };
  ReinstateBadgeInput: ReinstateBadgeInput;
  ReinstateBadgePayload: Omit<ReinstateBadgePayload, 'badge' | 'user'> & { badge: ResolversParentTypes['Badge'], user: ResolversParentTypes['User'] };
  RevokeBadgeInput: RevokeBadgeInput;
  RevokeBadgePayload: Omit<RevokeBadgePayload, 'badge' | 'user'> & { badge: ResolversParentTypes['Badge'], user: ResolversParentTypes['User'] };
  SetTimeZoneInput: SetTimeZoneInput;
  SetTimeZonePayload: Omit<SetTimeZonePayload, 'user'> & { user: ResolversParentTypes['User'] };
  StartBadgeBackfillInput: StartBadgeBackfillInput;
  StartBadgeBackfillPayload: Omit<StartBadgeBackfillPayload, 'backfill'> & { backfill: ResolversParentTypes['BadgeBackfill'] };
  Streak: StreakMapper;
  UpdateBadgeDefinitionInput: UpdateBadgeDefinitionInput;
  UpdateBadgeDefinitionPayload: Omit<UpdateBadgeDefinitionPayload, 'definition'> & { definition: ResolversParentTypes['BadgeDefinition'] };
  UpdateGoalInput: UpdateGoalInput;
  UpdateGoalPayload: Omit<UpdateGoalPayload, 'goal' | 'user'> & { goal: ResolversParentTypes['LearningGoal'], user: ResolversParentTypes['User'] };
  User: UserMapper;
  UserStatistics: UserStatisticsMapper;
  VoidActivityInput: VoidActivityInput;
  VoidActivityPayload: Omit<VoidActivityPayload, 'activity' | 'user'> & { activity: ResolversParentTypes['Activity'], user: ResolversParentTypes['User'] };
};

export type ActivityResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Activity'] = ResolversParentTypes['Activity'], FederationReferenceType extends FederationReferenceTypes['Activity'] = FederationReferenceTypes['Activity']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Activity']> | FederationReferenceType, FederationReferenceType, ContextType>;
  eventId?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  goal?: Resolver<Maybe<ResolversTypes['LearningGoal']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  localDate?: Resolver<ResolversTypes['Date'], ParentType, ContextType>;
  objectId?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  occurredAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  recordedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  timeZone?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
  verb?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  voidedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type ActivityConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ActivityConnection'] = ResolversParentTypes['ActivityConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ActivityEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Activity']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
};

export type ActivityEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ActivityEdge'] = ResolversParentTypes['ActivityEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
};

export type AwardBadgePayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['AwardBadgePayload'] = ResolversParentTypes['AwardBadgePayload']> = {
  badge?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type BadgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Badge'] = ResolversParentTypes['Badge'], FederationReferenceType extends FederationReferenceTypes['Badge'] = FederationReferenceTypes['Badge']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['Badge']> | FederationReferenceType, FederationReferenceType, ContextType>;
  dateAchieved?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  definition?: Resolver<Maybe<ResolversTypes['BadgeDefinition']>, ParentType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  evidence?: Resolver<Maybe<ResolversTypes['BadgeEvidence']>, ParentType, ContextType>;
  iconUrl?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  source?: Resolver<ResolversTypes['BadgeSource'], ParentType, ContextType>;
  status?: Resolver<ResolversTypes['BadgeStatus'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type BadgeBackfillResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeBackfill'] = ResolversParentTypes['BadgeBackfill']> = {
  badgesAwarded?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  definition?: Resolver<ResolversTypes['BadgeDefinition'], ParentType, ContextType>;
  dryRun?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  finishedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  samples?: Resolver<ReadonlyArray<ResolversTypes['BadgeBackfillSample']>, ParentType, ContextType>;
  startedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  usersExamined?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BadgeBackfillSampleResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeBackfillSample'] = ResolversParentTypes['BadgeBackfillSample']> = {
  awardKey?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  dateAchieved?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type BadgeConnectionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeConnection'] = ResolversParentTypes['BadgeConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BadgeEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Badge']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BadgeDefinitionResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeDefinition'] = ResolversParentTypes['BadgeDefinition'], FederationReferenceType extends FederationReferenceTypes['BadgeDefinition'] = FederationReferenceTypes['BadgeDefinition']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['BadgeDefinition']> | FederationReferenceType, FederationReferenceType, ContextType>;
  description?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  iconUrl?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  key?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  repeat?: Resolver<ResolversTypes['BadgeRepeat'], ParentType, ContextType>;
  rule?: Resolver<Maybe<ResolversTypes['JSON']>, ParentType, ContextType>;
  state?: Resolver<ResolversTypes['BadgeDefinitionState'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BadgeDefinitionStateResolvers = { ACTIVE: 'active', ARCHIVED: 'archived', DRAFT: 'draft', LOCKED: 'locked' };

export type BadgeEdgeResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeEdge'] = ResolversParentTypes['BadgeEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
};

export type BadgeEvidenceResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeEvidence'] = ResolversParentTypes['BadgeEvidence']> = {
  activities?: Resolver<ReadonlyArray<ResolversTypes['Activity']>, ParentType, ContextType>;
  decidedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  definition?: Resolver<ResolversTypes['BadgeDefinition'], ParentType, ContextType>;
  digest?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  replay?: Resolver<ResolversTypes['EvidenceReplay'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BadgeProgressResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['BadgeProgress'] = ResolversParentTypes['BadgeProgress']> = {
  badge?: Resolver<Maybe<ResolversTypes['Badge']>, ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  definition?: Resolver<ResolversTypes['BadgeDefinition'], ParentType, ContextType>;
  ratio?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  target?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BadgeRepeatResolvers = { MONTHLY: 'monthly', ONCE: 'once', PER_STREAK: 'per-streak', WEEKLY: 'weekly' };

export type BadgeSourceResolvers = { IMPORT: 'import', ISSUER: 'issuer', RULE: 'rule', SELF: 'self' };

export type BadgeStatusResolvers = { ACTIVE: 'active', REVOKED: 'revoked' };

export type CalendarDayResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CalendarDay'] = ResolversParentTypes['CalendarDay']> = {
  count?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  date?: Resolver<ResolversTypes['Date'], ParentType, ContextType>;
  excused?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type CancelExcusedDatesPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CancelExcusedDatesPayload'] = ResolversParentTypes['CancelExcusedDatesPayload']> = {
  excusedDates?: Resolver<ResolversTypes['ExcusedDates'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type CreateBadgeDefinitionPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateBadgeDefinitionPayload'] = ResolversParentTypes['CreateBadgeDefinitionPayload']> = {
  definition?: Resolver<ResolversTypes['BadgeDefinition'], ParentType, ContextType>;
};

export type CreateBadgePayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateBadgePayload'] = ResolversParentTypes['CreateBadgePayload']> = {
  badge?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type CreateGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['CreateGoalPayload'] = ResolversParentTypes['CreateGoalPayload']> = {
  goal?: Resolver<ResolversTypes['LearningGoal'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export interface DateScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Date'], any> {
  name: 'Date';
}

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['DeleteGoalPayload'] = ResolversParentTypes['DeleteGoalPayload']> = {
  deletedId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type EvidenceReplayResolvers = { DRIFTED: 'drifted', REPRODUCED: 'reproduced' };

export type ExcuseDatesPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ExcuseDatesPayload'] = ResolversParentTypes['ExcuseDatesPayload']> = {
  excusedDates?: Resolver<ResolversTypes['ExcusedDates'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type ExcusedDatesResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ExcusedDates'] = ResolversParentTypes['ExcusedDates']> = {
  from?: Resolver<ResolversTypes['Date'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  reason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  to?: Resolver<ResolversTypes['Date'], ParentType, ContextType>;
};

export type GoalProgressResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['GoalProgress'] = ResolversParentTypes['GoalProgress']> = {
  neededPerDay?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  quantity?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  ratio?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  target?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type GoalStatusResolvers = { ARCHIVED: 'archived', COMPLETED: 'completed', IN_PROGRESS: 'in-progress', NOT_STARTED: 'not-started', PAUSED: 'paused' };

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type LearningGoalResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['LearningGoal'] = ResolversParentTypes['LearningGoal'], FederationReferenceType extends FederationReferenceTypes['LearningGoal'] = FederationReferenceTypes['LearningGoal']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['LearningGoal']> | FederationReferenceType, FederationReferenceType, ContextType>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  description?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  dueOn?: Resolver<Maybe<ResolversTypes['Date']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  isOverdue?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['GoalProgress']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['GoalStatus'], ParentType, ContextType>;
  streak?: Resolver<ResolversTypes['Streak'], ParentType, ContextType>;
  streakCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  targetQuantity?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  timesPerWeek?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
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
  awardBadge?: Resolver<Maybe<ResolversTypes['AwardBadgePayload']>, ParentType, ContextType, RequireFields<MutationAwardBadgeArgs, 'input'>>;
  cancelExcusedDates?: Resolver<Maybe<ResolversTypes['CancelExcusedDatesPayload']>, ParentType, ContextType, RequireFields<MutationCancelExcusedDatesArgs, 'input'>>;
  createBadge?: Resolver<Maybe<ResolversTypes['CreateBadgePayload']>, ParentType, ContextType, RequireFields<MutationCreateBadgeArgs, 'input'>>;
  createBadgeDefinition?: Resolver<Maybe<ResolversTypes['CreateBadgeDefinitionPayload']>, ParentType, ContextType, RequireFields<MutationCreateBadgeDefinitionArgs, 'input'>>;
  createGoal?: Resolver<Maybe<ResolversTypes['CreateGoalPayload']>, ParentType, ContextType, RequireFields<MutationCreateGoalArgs, 'input'>>;
  deleteGoal?: Resolver<Maybe<ResolversTypes['DeleteGoalPayload']>, ParentType, ContextType, RequireFields<MutationDeleteGoalArgs, 'input'>>;
  excuseDates?: Resolver<Maybe<ResolversTypes['ExcuseDatesPayload']>, ParentType, ContextType, RequireFields<MutationExcuseDatesArgs, 'input'>>;
  recordActivities?: Resolver<Maybe<ResolversTypes['RecordActivitiesPayload']>, ParentType, ContextType, RequireFields<MutationRecordActivitiesArgs, 'input'>>;
  recordActivity?: Resolver<Maybe<ResolversTypes['RecordActivityPayload']>, ParentType, ContextType, RequireFields<MutationRecordActivityArgs, 'input'>>;
  reinstateBadge?: Resolver<Maybe<ResolversTypes['ReinstateBadgePayload']>, ParentType, ContextType, RequireFields<MutationReinstateBadgeArgs, 'input'>>;
  revokeBadge?: Resolver<Maybe<ResolversTypes['RevokeBadgePayload']>, ParentType, ContextType, RequireFields<MutationRevokeBadgeArgs, 'input'>>;
  setTimeZone?: Resolver<Maybe<ResolversTypes['SetTimeZonePayload']>, ParentType, ContextType, RequireFields<MutationSetTimeZoneArgs, 'input'>>;
  startBadgeBackfill?: Resolver<Maybe<ResolversTypes['StartBadgeBackfillPayload']>, ParentType, ContextType, RequireFields<MutationStartBadgeBackfillArgs, 'input'>>;
  updateBadgeDefinition?: Resolver<Maybe<ResolversTypes['UpdateBadgeDefinitionPayload']>, ParentType, ContextType, RequireFields<MutationUpdateBadgeDefinitionArgs, 'input'>>;
  updateGoal?: Resolver<Maybe<ResolversTypes['UpdateGoalPayload']>, ParentType, ContextType, RequireFields<MutationUpdateGoalArgs, 'input'>>;
  voidActivity?: Resolver<Maybe<ResolversTypes['VoidActivityPayload']>, ParentType, ContextType, RequireFields<MutationVoidActivityArgs, 'input'>>;
};

export type PageInfoResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  activity?: Resolver<Maybe<ResolversTypes['Activity']>, ParentType, ContextType, RequireFields<QueryActivityArgs, 'id'>>;
  badge?: Resolver<Maybe<ResolversTypes['Badge']>, ParentType, ContextType, RequireFields<QueryBadgeArgs, 'id'>>;
  badgeBackfill?: Resolver<Maybe<ResolversTypes['BadgeBackfill']>, ParentType, ContextType, RequireFields<QueryBadgeBackfillArgs, 'id'>>;
  badgeDefinition?: Resolver<Maybe<ResolversTypes['BadgeDefinition']>, ParentType, ContextType, RequireFields<QueryBadgeDefinitionArgs, 'key'>>;
  badgeDefinitions?: Resolver<ReadonlyArray<ResolversTypes['BadgeDefinition']>, ParentType, ContextType, RequireFields<QueryBadgeDefinitionsArgs, 'first'>>;
  goal?: Resolver<Maybe<ResolversTypes['LearningGoal']>, ParentType, ContextType, RequireFields<QueryGoalArgs, 'id'>>;
  learner?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType, RequireFields<QueryLearnerArgs, 'id'>>;
  viewer?: Resolver<Maybe<ResolversTypes['User']>, ParentType, ContextType>;
};

export type RecordActivitiesPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecordActivitiesPayload'] = ResolversParentTypes['RecordActivitiesPayload']> = {
  results?: Resolver<ReadonlyArray<ResolversTypes['RecordActivityResult']>, ParentType, ContextType>;
};

export type RecordActivityPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecordActivityPayload'] = ResolversParentTypes['RecordActivityPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  badges?: Resolver<ReadonlyArray<ResolversTypes['Badge']>, ParentType, ContextType>;
  replayed?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type RecordActivityResultResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RecordActivityResult'] = ResolversParentTypes['RecordActivityResult']> = {
  activity?: Resolver<Maybe<ResolversTypes['Activity']>, ParentType, ContextType>;
  code?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['RecordStatus'], ParentType, ContextType>;
};

export type RecordStatusResolvers = { CONFLICT: 'conflict', CREATED: 'created', INVALID: 'invalid', REPLAYED: 'replayed' };

export type ReinstateBadgePayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['ReinstateBadgePayload'] = ResolversParentTypes['ReinstateBadgePayload']> = {
  badge?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type RevokeBadgePayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['RevokeBadgePayload'] = ResolversParentTypes['RevokeBadgePayload']> = {
  badge?: Resolver<ResolversTypes['Badge'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type SetTimeZonePayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['SetTimeZonePayload'] = ResolversParentTypes['SetTimeZonePayload']> = {
  timeZone?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type StartBadgeBackfillPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['StartBadgeBackfillPayload'] = ResolversParentTypes['StartBadgeBackfillPayload']> = {
  backfill?: Resolver<ResolversTypes['BadgeBackfill'], ParentType, ContextType>;
};

export type StreakResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['Streak'] = ResolversParentTypes['Streak']> = {
  brokenOn?: Resolver<Maybe<ResolversTypes['Date']>, ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastActiveOn?: Resolver<Maybe<ResolversTypes['Date']>, ParentType, ContextType>;
  longest?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  startedOn?: Resolver<Maybe<ResolversTypes['Date']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['StreakStatus'], ParentType, ContextType>;
  totalDays?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unit?: Resolver<ResolversTypes['StreakUnit'], ParentType, ContextType>;
};

export type StreakStatusResolvers = { ACTIVE: 'active', AT_RISK: 'at-risk', BROKEN: 'broken', NONE: 'none' };

export type StreakUnitResolvers = { DAY: 'day', WEEK: 'week' };

export type UpdateBadgeDefinitionPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateBadgeDefinitionPayload'] = ResolversParentTypes['UpdateBadgeDefinitionPayload']> = {
  definition?: Resolver<ResolversTypes['BadgeDefinition'], ParentType, ContextType>;
};

export type UpdateGoalPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UpdateGoalPayload'] = ResolversParentTypes['UpdateGoalPayload']> = {
  goal?: Resolver<ResolversTypes['LearningGoal'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User'], FederationReferenceType extends FederationReferenceTypes['User'] = FederationReferenceTypes['User']> = {
  __resolveReference?: ReferenceResolver<Maybe<ResolversTypes['User']> | FederationReferenceType, FederationReferenceType, ContextType>;
  activities?: Resolver<Maybe<ResolversTypes['ActivityConnection']>, ParentType, ContextType, RequireFields<UserActivitiesArgs, 'first'>>;
  activityCalendar?: Resolver<Maybe<ReadonlyArray<ResolversTypes['CalendarDay']>>, ParentType, ContextType, RequireFields<UserActivityCalendarArgs, 'from' | 'to'>>;
  badgeProgress?: Resolver<Maybe<ReadonlyArray<ResolversTypes['BadgeProgress']>>, ParentType, ContextType>;
  badges?: Resolver<ReadonlyArray<ResolversTypes['Badge']>, ParentType, ContextType, RequireFields<UserBadgesArgs, 'first'>>;
  badgesConnection?: Resolver<ResolversTypes['BadgeConnection'], ParentType, ContextType, RequireFields<UserBadgesConnectionArgs, 'first'>>;
  excusedDates?: Resolver<Maybe<ReadonlyArray<ResolversTypes['ExcusedDates']>>, ParentType, ContextType>;
  goals?: Resolver<ReadonlyArray<ResolversTypes['LearningGoal']>, ParentType, ContextType, RequireFields<UserGoalsArgs, 'first'>>;
  goalsConnection?: Resolver<ResolversTypes['LearningGoalConnection'], ParentType, ContextType, RequireFields<UserGoalsConnectionArgs, 'first'>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  statistics?: Resolver<ResolversTypes['UserStatistics'], ParentType, ContextType>;
  streak?: Resolver<ResolversTypes['Streak'], ParentType, ContextType>;
  timeZone?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type UserStatisticsResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['UserStatistics'] = ResolversParentTypes['UserStatistics']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  level?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalBadges?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalGoals?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type VoidActivityPayloadResolvers<ContextType = RequestContext, ParentType extends ResolversParentTypes['VoidActivityPayload'] = ResolversParentTypes['VoidActivityPayload']> = {
  activity?: Resolver<ResolversTypes['Activity'], ParentType, ContextType>;
  user?: Resolver<ResolversTypes['User'], ParentType, ContextType>;
};

export type Resolvers<ContextType = RequestContext> = {
  Activity?: ActivityResolvers<ContextType>;
  ActivityConnection?: ActivityConnectionResolvers<ContextType>;
  ActivityEdge?: ActivityEdgeResolvers<ContextType>;
  AwardBadgePayload?: AwardBadgePayloadResolvers<ContextType>;
  Badge?: BadgeResolvers<ContextType>;
  BadgeBackfill?: BadgeBackfillResolvers<ContextType>;
  BadgeBackfillSample?: BadgeBackfillSampleResolvers<ContextType>;
  BadgeConnection?: BadgeConnectionResolvers<ContextType>;
  BadgeDefinition?: BadgeDefinitionResolvers<ContextType>;
  BadgeDefinitionState?: BadgeDefinitionStateResolvers;
  BadgeEdge?: BadgeEdgeResolvers<ContextType>;
  BadgeEvidence?: BadgeEvidenceResolvers<ContextType>;
  BadgeProgress?: BadgeProgressResolvers<ContextType>;
  BadgeRepeat?: BadgeRepeatResolvers;
  BadgeSource?: BadgeSourceResolvers;
  BadgeStatus?: BadgeStatusResolvers;
  CalendarDay?: CalendarDayResolvers<ContextType>;
  CancelExcusedDatesPayload?: CancelExcusedDatesPayloadResolvers<ContextType>;
  CreateBadgeDefinitionPayload?: CreateBadgeDefinitionPayloadResolvers<ContextType>;
  CreateBadgePayload?: CreateBadgePayloadResolvers<ContextType>;
  CreateGoalPayload?: CreateGoalPayloadResolvers<ContextType>;
  Date?: GraphQLScalarType;
  DateTime?: GraphQLScalarType;
  DeleteGoalPayload?: DeleteGoalPayloadResolvers<ContextType>;
  EvidenceReplay?: EvidenceReplayResolvers;
  ExcuseDatesPayload?: ExcuseDatesPayloadResolvers<ContextType>;
  ExcusedDates?: ExcusedDatesResolvers<ContextType>;
  GoalProgress?: GoalProgressResolvers<ContextType>;
  GoalStatus?: GoalStatusResolvers;
  JSON?: GraphQLScalarType;
  LearningGoal?: LearningGoalResolvers<ContextType>;
  LearningGoalConnection?: LearningGoalConnectionResolvers<ContextType>;
  LearningGoalEdge?: LearningGoalEdgeResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  RecordActivitiesPayload?: RecordActivitiesPayloadResolvers<ContextType>;
  RecordActivityPayload?: RecordActivityPayloadResolvers<ContextType>;
  RecordActivityResult?: RecordActivityResultResolvers<ContextType>;
  RecordStatus?: RecordStatusResolvers;
  ReinstateBadgePayload?: ReinstateBadgePayloadResolvers<ContextType>;
  RevokeBadgePayload?: RevokeBadgePayloadResolvers<ContextType>;
  SetTimeZonePayload?: SetTimeZonePayloadResolvers<ContextType>;
  StartBadgeBackfillPayload?: StartBadgeBackfillPayloadResolvers<ContextType>;
  Streak?: StreakResolvers<ContextType>;
  StreakStatus?: StreakStatusResolvers;
  StreakUnit?: StreakUnitResolvers;
  UpdateBadgeDefinitionPayload?: UpdateBadgeDefinitionPayloadResolvers<ContextType>;
  UpdateGoalPayload?: UpdateGoalPayloadResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
  UserStatistics?: UserStatisticsResolvers<ContextType>;
  VoidActivityPayload?: VoidActivityPayloadResolvers<ContextType>;
};

