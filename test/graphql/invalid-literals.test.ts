import { describe, expect, it } from '../support/fixtures.ts';

describe('an invalid literal', () => {
  it.for([
    ['dueOn: "2026-02-30"', 'Date must be an existing date such as 2026-03-01, not "2026-02-30"'],
    ['dueOn: 20260301', 'Date must be an existing date such as 2026-03-01, not 20260301'],
    [`dueOn: "${'9'.repeat(400)}"`, `Date must be an existing date such as 2026-03-01, not "${'9'.repeat(99)}...`],
  ])('has its location and its value: %s', async ([literal, message], { service }) => {
    const query = `mutation { createGoal(input: { title: "x", ${literal} }) { goal { id } } }`;
    const { status, errors } = await service.graphql(query);
    const locations = [{ line: 1, column: query.indexOf(String(literal)) + 'dueOn: '.length + 1 }];
    expect([status, errors]).toMatchObject([400, [{ message, locations }]]);
  });

  it('of DateTime has them too', async ({ service }) => {
    const query = 'mutation { recordActivity(input: { eventId: "e", verb: "v", occurredAt: "now" }) { replayed } }';
    const { errors } = await service.graphql(query);
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^DateTime .* not "now"$/), locations: [{ line: 1 }] },
    ]);
  });
});
