import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { addPrivateListRoute } from '../../http/rest/list-route.ts';
import { operation } from '../../http/rest/operation.ts';
import { UserParams } from '../../http/rest/schemas.ts';
import * as schema from './activity.schema.ts';
import { activityProblems } from './activity-input.ts';
import { RECORD_ACTIVITY } from './add-activity.ts';
import { RECORD_ACTIVITIES, recordActivities } from './record-activities.ts';
import { recordActivity } from './record-activity.ts';
import { activityCursorKey, viewActivities, viewCalendar } from './view-activities.ts';

const record = operation({
  operationId: 'recordActivity',
  tag: 'activities',
  summary: 'Record an activity, at most once for each event_id',
  description:
    'The response has the effects: the streak, and the badges that the activity has earned. A repetition has the same `event_id` and content, and changes nothing. Without the scope, only the verbs of `SELF_REPORTED_VERBS` are permitted.',
  access: RECORD_ACTIVITY,
  problems: (body) => activityProblems(schema.toActivityInput(body as object)),
  params: UserParams,
  body: schema.RecordActivityBody,
  success: {
    schema: schema.RecordActivityResponse,
    description: 'The activity with its effects; for a repetition, the activity as it is now.',
    headers: ['Idempotent-Replayed'],
  },
  errors: [409],
});

const recordBatch = operation({
  operationId: 'recordActivities',
  tag: 'activities',
  summary: 'Record activities of any users',
  description:
    'A batch has 1 to 1,000 activities. Each is checked on its own: an invalid one is a result and not an error. Those of one user are saved together. After a 503, repeat the whole batch.',
  access: { action: RECORD_ACTIVITIES, requires: 'activity:write' },
  body: schema.RecordActivitiesBody,
  documentedBody: schema.ValidActivitiesBody,
  success: { schema: schema.RecordActivitiesResponse, description: 'A result for each activity.' },
});

const calendar = operation({
  operationId: 'viewCalendar',
  tag: 'activities',
  summary: "A user's activities by date",
  description: 'A calendar has at most 400 dates, each with the sums of its activities that are not void.',
  access: { private: 'activity:read' },
  params: UserParams,
  querystring: schema.CalendarQuery,
  success: { schema: schema.CalendarResponse, description: 'Every date of the range, in ascending order.' },
});

export async function activitiesRoutes(rest: FastifyInstance): Promise<void> {
  addPrivateListRoute(rest, {
    collection: 'activities',
    operationId: 'listActivities',
    summary: "A user's activities, newest first",
    scope: 'activity:read',
    pageSize: 100,
    item: schema.ActivityResponse,
    cursorKey: activityCursorKey,
    view: viewActivities,
    toResponse: schema.toActivityResponse,
  });
  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();

  typed.post('/:auth_user_id/activities', record, async ({ context, proof: recorder, body }, reply) => {
    const result = await recordActivity(context, recorder, schema.toActivityInput(body));
    if (result.isReplay) reply.header('idempotent-replayed', 'true');
    return schema.toRecordActivityResponse(result);
  });

  typed.post('/activities', recordBatch, async ({ context, proof: recorder, body }) => {
    const items = { items: body.activities, toItem: schema.toBatchItem };
    const results = await recordActivities(context, recorder, items);
    return { results: results.map(schema.toItemResponse) };
  });

  typed.get('/:auth_user_id/activity/calendar', calendar, async ({ context, proof: reader, query }) =>
    schema.toCalendarResponse(await viewCalendar(context, reader, query)),
  );
}
