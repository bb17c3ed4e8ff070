import { type Static, Type } from 'typebox';
import { AppError } from '../../errors.ts';
import { countSchema, idSchema, instantSchema, nullable, textSchema, UserIdResponse } from '../../http/rest/schemas.ts';
import { isObject } from '../../lib/is-object.ts';
import { toFields, toMembers } from '../../lib/members.ts';
import { toUserIdResponse } from '../../lib/user-id.ts';
import { MAX_VERB_LENGTH } from '../../lib/verb.ts';
import { BadgeResponse } from '../badges/badge.schema.ts';
import { toBadgeResponse } from '../badges/response.ts';
import { OwnStreakResponse, toOwnStreakResponse } from '../streaks/streak.schema.ts';
import { expiresAt } from '../streaks/view-streak.ts';
import type { Activity } from '../tracking/activity.ts';
import { MAX_EVENT_ID_LENGTH, MAX_QUANTITY, OBJECT_ID } from './activity-input.ts';
import type { CalendarDay } from './calendar.ts';
import { type BatchItem, type ItemResult, MAX_BATCH_SIZE } from './record-activities.ts';
import type { RecordingResult } from './record-activity.ts';

/** Characters of an unknown member's name that an error shows. */
const MAX_SHOWN_NAME = 100;

const EVENT_ID_TEXT = {
  description: `The id of the event at the client: 1 to ${MAX_EVENT_ID_LENGTH} printable ASCII characters without spaces.`,
  examples: ['lesson-12-done'],
};
const VERB_TEXT = {
  description: `The kind of activity: a lower-case letter, then up to ${MAX_VERB_LENGTH - 1} of \`a-z 0-9 _ . -\`.`,
  examples: ['lesson.completed'],
};
const OBJECT = { description: 'The object, such as the id of a lesson.', examples: ['lesson-12'] };

export const ActivityResponse = Type.Object(
  {
    id: idSchema("The activity's id.", 101),
    auth_user_id: UserIdResponse,
    event_id: Type.String(EVENT_ID_TEXT),
    verb: Type.String(VERB_TEXT),
    object_id: nullable(Type.String(OBJECT)),
    goal_id: nullable(idSchema('The goal for which it counts; null when there is none or it is deleted.', 7)),
    quantity: Type.Integer({ minimum: 1, maximum: MAX_QUANTITY, description: 'The amount.', examples: [1] }),
    occurred_at: instantSchema('The time of the activity.', '2026-03-01T08:30:00Z'),
    local_date: Type.String({
      format: 'date',
      description: "The date of the activity in the user's time zone at that time.",
      examples: ['2026-03-01'],
    }),
    time_zone: Type.String({ description: 'That time zone.', examples: ['Europe/Berlin'] }),
    recorded_at: instantSchema('The time of the recording.', '2026-03-01T08:30:02Z'),
    voided_at: nullable(
      Type.String({
        format: 'date-time',
        description: 'The time since which it does not count; null while it counts.',
        examples: [null],
      }),
    ),
  },
  { title: 'Activity', description: 'An activity of a user.' },
);

const fields = {
  event_id: Type.String({ minLength: 1, maxLength: MAX_EVENT_ID_LENGTH, ...EVENT_ID_TEXT }),
  verb: Type.String({ minLength: 1, maxLength: MAX_VERB_LENGTH, ...VERB_TEXT }),
  object_id: Type.Optional(nullable(textSchema(OBJECT_ID, OBJECT))),
  goal_id: Type.Optional(nullable(idSchema('A goal of the user; null by default.', 7))),
  quantity: Type.Optional(
    nullable(
      Type.Integer({ minimum: 1, maximum: MAX_QUANTITY, description: 'The amount; 1 by default.', examples: [1] }),
    ),
  ),
  occurred_at: Type.Optional(
    nullable(
      Type.String({
        description:
          'RFC 3339 with an offset; now by default. At most 72 hours ago, without limit with the scope `activity:import`, and at most 5 minutes ahead.',
        examples: ['2026-03-01T09:30:00+01:00'],
      }),
    ),
  ),
};

/** Without members whose examples depend on the time or the goals of the user. Swagger UI would send them. */
const EXAMPLE = { event_id: 'lesson-12-done', verb: 'lesson.completed', object_id: 'lesson-12', quantity: 1 };

export const RecordActivityBody = Type.Object(fields, {
  additionalProperties: false,
  title: 'NewActivity',
  description: 'An activity to record.',
  examples: [EXAMPLE],
});

const batch = {
  additionalProperties: false,
  title: 'NewActivities',
  description: 'Activities to record.',
};

/** An item is checked on its own: an invalid one is a result, not an error. */
export const RecordActivitiesBody = Type.Object({ activities: Type.Array(Type.Unknown()) }, batch);

/** The body with items that are valid. */
export const ValidActivitiesBody = Type.Object(
  {
    activities: Type.Array(
      Type.Object(
        {
          auth_user_id: Type.Union([Type.Integer(), Type.String()], {
            description: 'The user of the activity.',
            examples: ['ada'],
          }),
          ...fields,
        },
        {
          additionalProperties: false,
          title: 'NewUserActivity',
          description: 'An activity of a user to record.',
          examples: [{ auth_user_id: 'ada', ...EXAMPLE }],
        },
      ),
      { minItems: 1, maxItems: MAX_BATCH_SIZE, description: '1 to 1,000 activities of any users.' },
    ),
  },
  batch,
);

export const RecordActivityResponse = Type.Object(
  {
    activity: ActivityResponse,
    streak: OwnStreakResponse,
    badges: Type.Array(BadgeResponse, {
      description: 'The badges that the activity has earned; empty for a repetition.',
    }),
  },
  { title: 'RecordedActivity', description: 'An activity with its effects.' },
);

export const RecordActivitiesResponse = Type.Object(
  {
    results: Type.Array(
      Type.Object(
        {
          status: Type.Enum(['created', 'replayed', 'conflict', 'invalid'], {
            type: 'string',
            description:
              '`replayed`: the activity exists. `conflict`: one with this `event_id` and other content exists. `invalid`: nothing is recorded.',
            examples: ['created'],
          }),
          activity: Type.Optional(ActivityResponse),
          code: Type.Optional(
            Type.Enum(['CONFLICT', 'BAD_USER_INPUT'], {
              type: 'string',
              description: 'The error code; absent when the activity was recorded.',
              examples: ['CONFLICT'],
            }),
          ),
          detail: Type.Optional(
            Type.String({
              description: 'The reason, for humans.',
              examples: ['An activity with this event id and other content exists'],
            }),
          ),
        },
        { title: 'ActivityResult', description: 'The result of one item of a batch.' },
      ),
      { description: 'A result for each item, in the order of the items.' },
    ),
  },
  { title: 'RecordedActivities', description: 'The results of a batch.' },
);

export const CalendarQuery = Type.Object({
  from: Type.String({ format: 'date', description: 'The first date.', examples: ['{28 days ago}'] }),
  to: Type.String({ format: 'date', description: 'The last date, at most 399 days later.', examples: ['{today}'] }),
});

export const CalendarResponse = Type.Array(
  Type.Object(
    {
      date: Type.String({ format: 'date', description: 'The date.', examples: ['2026-03-01'] }),
      count: countSchema('The number of activities.', 2),
      quantity: countSchema('The sum of their quantities.', 3),
      excused: Type.Boolean({ description: 'Whether the date is excused.', examples: [false] }),
    },
    { title: 'CalendarDay', description: 'A date of a calendar.' },
  ),
);

/** The fields of an activity by their members in REST. The order is that of a response. */
const MEMBERS = {
  id: 'id',
  auth_user_id: 'userId',
  event_id: 'eventId',
  verb: 'verb',
  object_id: 'objectId',
  goal_id: 'goalId',
  quantity: 'quantity',
  occurred_at: 'occurredAt',
  local_date: 'localDate',
  time_zone: 'timeZone',
  recorded_at: 'recordedAt',
  voided_at: 'voidedAt',
} as const satisfies Record<string, keyof Activity>;

/** The members by their fields. */
const MEMBER_OF = new Map<string, string>(Object.entries(MEMBERS).map(([member, field]) => [field, member]));

/** Returns the input of a body, whose types are not checked. Its schema permits no other members. */
export function toActivityInput(body: object): BatchItem {
  return toFields(MEMBERS, body);
}

/**
 * Returns the item of a batch, whose types are not checked. Ids of users may be integers, as in responses.
 * @throws BAD_USER_INPUT for an item that is not an object, or that has an unknown member
 */
export function toBatchItem(item: unknown): BatchItem {
  if (!isObject(item)) throw new AppError('BAD_USER_INPUT', 'The item must be an object');
  const unknown = Object.keys(item).find((name) => name !== 'auth_user_id' && !Object.hasOwn(fields, name));
  if (unknown !== undefined) {
    throw new AppError('BAD_USER_INPUT', `The item has the unknown member ${unknown.slice(0, MAX_SHOWN_NAME)}`);
  }
  const { userId, ...input } = toActivityInput(item);
  return { ...input, userId: Number.isSafeInteger(userId) ? String(userId) : userId };
}

export function toActivityResponse(activity: Activity): Static<typeof ActivityResponse> {
  return { ...toMembers(MEMBERS, activity), auth_user_id: toUserIdResponse(activity.userId) };
}

export function toRecordActivityResponse(result: RecordingResult): Static<typeof RecordActivityResponse> {
  return {
    activity: toActivityResponse(result.activity),
    streak: toOwnStreakResponse({ ...result.streak, expiresAt: expiresAt(result.streak, result) }),
    badges: result.badges.map(toBadgeResponse),
  };
}

export function toItemResponse({ status, activity, code, field, message }: ItemResult) {
  return {
    status,
    ...(activity !== null && { activity: toActivityResponse(activity) }),
    ...(code !== null && { code }),
    ...(message !== null && {
      detail: field === null ? message : message.replace(field, MEMBER_OF.get(field) ?? field),
    }),
  };
}

export function toCalendarResponse(days: readonly CalendarDay[]): Static<typeof CalendarResponse> {
  return days.map(({ date, count, quantity, excused }) => ({ date, count, quantity, excused }));
}
