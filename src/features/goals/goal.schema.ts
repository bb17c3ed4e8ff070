import { type Static, Type } from 'typebox';
import {
  countSchema,
  idSchema,
  instantSchema,
  nullable,
  textSchema,
  UserIdResponse,
  UserParams,
} from '../../http/rest/schemas.ts';
import { toFields } from '../../lib/members.ts';
import {
  GOAL_RULES,
  GOAL_STATUSES,
  type GoalInput,
  type GoalStatus,
  MAX_STREAK_COUNT,
  MAX_TARGET_QUANTITY,
  MAX_TIMES_PER_WEEK,
} from './goal.ts';
import { MEMBERS } from './response.ts';

/** Returns the schema of an integer from 1 to the maximum, or null. */
function nullableInteger(maximum: number, options: { description: string; examples: number[] }) {
  return nullable(Type.Integer({ minimum: 1, maximum, ...options }));
}

const TITLE = { description: 'The title, in one line.', examples: ['Learn federation'] };
const DESCRIPTION = { description: 'The description, or null.', examples: ['Read the specification of Federation 2'] };

const tracked = {
  target_quantity: nullableInteger(MAX_TARGET_QUANTITY, {
    description: 'The sum of the quantities of its activities to reach; null without a target.',
    examples: [20],
  }),
  due_on: nullable(
    Type.String({ format: 'date', description: 'The date to reach it; null without one.', examples: ['2026-12-31'] }),
  ),
  times_per_week: nullableInteger(MAX_TIMES_PER_WEEK, {
    description: 'The dates with activity that a week of the streak needs; null for a daily streak.',
    examples: [3],
  }),
};

export const GoalResponse = Type.Object(
  {
    id: idSchema("The goal's id.", 7),
    title: Type.String(TITLE),
    description: nullable(Type.String(DESCRIPTION)),
    status: Type.Enum([...GOAL_STATUSES], { type: 'string', description: 'The status.', examples: ['in-progress'] }),
    streak_count: countSchema(
      "The length of the goal's streak: in days, or in weeks when it has `times_per_week`. Clients set it until the goal has an activity. From then on it is computed. The client's count is added while the present run contains the first activity.",
      5,
    ),
    auth_user_id: UserIdResponse,
    created_at: instantSchema('The time of the creation.', '2026-11-23T20:48:05.907Z'),
    updated_at: instantSchema('The time of the last change.', '2026-11-24T07:30:00Z'),
    ...tracked,
  },
  { title: 'Goal', description: 'A learning goal of a user.' },
);

/** A status as a client may send it: v1 data has `_` for `-`. */
const StatusInput = Type.Unsafe<string>({
  type: 'string',
  enum: [...GOAL_STATUSES, 'not_started', 'in_progress'],
  description:
    'Changes lead from `not-started` to `in-progress`, `completed` or `archived`; from `in-progress` to `paused`, `completed` or `archived`; from `paused` to `in-progress`, `completed` or `archived`; from `completed` to `in-progress` or `archived`; from `archived` to `in-progress`.',
  examples: ['in-progress'],
});

const fields = {
  title: textSchema(GOAL_RULES.title, TITLE),
  description: Type.Optional(nullable(Type.String({ maxLength: GOAL_RULES.description.max, ...DESCRIPTION }))),
  status: Type.Optional(StatusInput),
  streak_count: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: MAX_STREAK_COUNT,
      description: 'The length of the streak as the client counts it. Ignored for a goal that has activities.',
      examples: [5],
    }),
  ),
  ...Type.Partial(Type.Object(tracked)).properties,
};
export const CreateGoalBody = Type.Object(fields, {
  additionalProperties: false,
  title: 'NewGoal',
  description: 'A learning goal to create: by default `in-progress`, with a streak count of 0 and null elsewhere.',
});
export const UpdateGoalBody = Type.Object(
  { ...fields, title: Type.Optional(fields.title) },
  {
    additionalProperties: false,
    title: 'GoalChange',
    description:
      'The members to change. null removes `description`, `target_quantity`, `due_on` and `times_per_week`, and is invalid for other members. A `title` or `description` that equals the stored one stays unchanged, also if it breaks its rule.',
  },
);
export const DeletedResponse = Type.Object(
  { ok: Type.Literal(true, { description: 'Always true.' }) },
  { title: 'Deleted', description: 'The confirmation of a deletion.' },
);

export const GoalParams = Type.Object({
  ...UserParams.properties,
  goal_id: idSchema('The id of a goal of the user.', 1),
});
export const IfMatchHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The `ETag`s of the versions to change, such as `"7-3"`; `*` is any version.' }),
  ),
});

/** Returns the input of a create or update body. */
export function toGoalInput(body: Static<typeof UpdateGoalBody>): GoalInput {
  const input = toFields(MEMBERS, body);
  return { ...input, status: input.status?.replace('_', '-') as GoalStatus | undefined };
}

/** Returns the ETag of one version of a goal. */
export function goalEtag({ id, version }: { id: number; version: number }): string {
  return `"${id}-${version}"`;
}
