import { describe, expect, it } from '../support/fixtures.ts';

const CREATE = 'mutation ($i: CreateGoalInput!) { createGoal(input: $i) { goal { id } } }';
const RECORD = 'mutation ($i: RecordActivitiesInput!) { recordActivities(input: $i) { results { status } } }';
const PAGE = 'query ($n: Int!, $of: [GoalStatus!]) { viewer { goals(first: $n, status: $of) { id } } }';
const CALENDAR = 'query ($from: Date!) { viewer { activityCalendar(from: $from, to: "2026-03-02") { date } } }';

describe('an invalid variable', () => {
  it.for<[string, string, Record<string, unknown>, string, RegExp]>([
    ['a date in an input', CREATE, { i: { title: 'x', dueOn: '2026-02-30' } }, 'dueOn', /^Date must be/],
    ['an integer in an input', CREATE, { i: { title: 'x', timesPerWeek: 'a' } }, 'timesPerWeek', /^Int cannot/],
    ['an enum in an input', CREATE, { i: { title: 'x', status: 'DONE' } }, 'status', /Expected NOT_STARTED/],
    ['a missing field', CREATE, { i: {} }, 'title', /was not provided\.$/],
    ['a null', CREATE, { i: { title: null } }, 'title', /not to be null\.$/],
    ['an unknown field', CREATE, { i: { title: 'x', colour: 'red' } }, 'colour', /is not defined by type/],
    ['an input that is no object', CREATE, { i: 'at "i.title"' }, 'i', /to be an object\.$/],
    [
      'a time in a list',
      RECORD,
      { i: { activities: [{ eventId: 'e', verb: 'v', occurredAt: '"; at "i.eventId"; ' }] } },
      'activities[0].occurredAt',
      /^DateTime must be/,
    ],
    ['a missing field in a list', RECORD, { i: { activities: [{ eventId: 'e' }] } }, 'activities[0].verb', /provided/],
    ['a date of its own', CALENDAR, { from: 'x' }, 'from', /^Date must be/],
    ['an absent variable', PAGE, {}, 'n', /was not provided\.$/],
    ['an item of a list', PAGE, { n: 1, of: ['DONE'] }, 'of[0]', /Expected NOT_STARTED/],
  ])('names the field and the reason: %s', async ([, query, variables, field, reason], { service, createUser }) => {
    const { token } = await createUser();
    const { status, errors } = await service.graphql(query, variables, { token });
    expect(status).toBe(400);
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', field, fields: [{ field, message: expect.stringMatching(reason) }] } },
    ]);
  });

  it('has one error for each field', async ({ service, createUser }) => {
    const { token } = await createUser();
    const { errors } = await service.graphql(CREATE, { i: { title: 7, dueOn: 'x' } }, { token });
    expect(errors?.map(({ extensions }) => extensions.field)).toEqual(['title', 'dueOn']);
  });

  it('suggests no name while introspection is off', async ({ serve }) => {
    const service = await serve({ PLAYGROUND: 'false' });
    const { text } = await service.graphql(CREATE, { i: { title: 'x', titel: 'x' } });
    expect(text).toContain('\\"titel\\" is not defined');
    expect(text).not.toContain('Did you mean');
  });

  it('that is null names the argument that needs a value', async ({ service }) => {
    const { status, errors } = await service.graphql('query ($x: ID = "1") { badge(id: $x) { id } }', { x: null });
    expect([status, errors]).toMatchObject([200, [{ extensions: { code: 'BAD_USER_INPUT', field: 'id' } }]]);
  });
});
