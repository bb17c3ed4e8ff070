import { describe, expect } from '../../support/fixtures.ts';
import { it } from '../../support/tracked-user.ts';

const ROWS = '"effective_from", "time_zone"';

describe('setTimeZone', () => {
  it('sets the zone from now on, and the zone of the user is UTC before', async ({ trackUser, db }) => {
    const { id, send, read } = await trackUser('2026-03-01T10:00:00.125Z');
    expect(await read('timeZone')).toEqual({ timeZone: 'UTC' });
    const { result } = await send('setTimeZone', { timeZone: 'Asia/Kolkata' });
    expect(result).toEqual({ timeZone: 'Asia/Kolkata', user: { id, timeZone: 'Asia/Kolkata' } });
    const rows = await db.sql`select ${db.sql.unsafe(ROWS)} from user_time_zones where auth_user_id = ${id}`;
    expect([...rows]).toEqual([{ effective_from: new Date('2026-03-01T10:00:00.125Z'), time_zone: 'Asia/Kolkata' }]);
  });

  it.for(['America/New_York', 'Asia/Calcutta', 'Etc/GMT+5', 'EST5EDT'])('takes %s', async (timeZone, { trackUser }) => {
    const { send, read } = await trackUser('2026-03-01T10:00:00Z');
    expect((await send('setTimeZone', { timeZone })).result.timeZone).toBe(timeZone);
    expect(await read('timeZone')).toEqual({ timeZone });
  });

  it.for([
    ...['', '+02:00', '-05', 'Z', 'UTC+2', 'europe/berlin', 'Mars/Olympus', ' Europe/Berlin', 'Europe/Berlin\u0000'],
    ...['__proto__', '../etc/passwd', 'x'.repeat(65), '2026-03-01T00:00Z[Europe/Berlin]'],
  ])('rejects %j, naming the field, and changes nothing', async (timeZone, { trackUser, db }) => {
    const { id, token, send, service } = await trackUser('2026-03-01T10:00:00Z');
    const before = await db.snapshot();
    expect(await send('setTimeZone', { timeZone })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'timeZone' });
    const put = { method: 'PUT', token: await token(), body: { time_zone: timeZone } };
    const { status, body } = await service.rest(`/users/${id}/timezone`, put);
    expect([status, body.code, body.detail[0].loc]).toEqual([422, 'BAD_USER_INPUT', ['body', 'time_zone']]);
    expect(await db.snapshot()).toEqual(before);
  });

  it('changes nothing for the zone in force, UTC before the first one included', async ({ trackUser, db }) => {
    const { id, send, at } = await trackUser('2026-03-01T10:00:00Z');
    const before = await db.snapshot();
    expect((await send('setTimeZone', { timeZone: 'UTC' })).result.timeZone).toBe('UTC');
    expect(await db.snapshot()).toEqual(before);
    await send('setTimeZone', { timeZone: 'Europe/Berlin' });
    at('2026-03-01T10:00:01Z');
    for (let request = 0; request < 6; request++) await send('setTimeZone', { timeZone: 'Europe/Berlin' });
    expect(await db.sql`select from user_time_zones where auth_user_id = ${id}`).toHaveLength(1);
  });

  it('rejects the fifth change in 7 days and takes it after them', async ({ trackUser, db }) => {
    const { send, at } = await trackUser('2026-03-01T10:00:00Z');
    for (const [day, timeZone] of ['Asia/Tokyo', 'Asia/Seoul', 'Asia/Tokyo', 'Asia/Seoul'].entries()) {
      at(`2026-03-0${day + 1}T10:00:00Z`);
      expect((await send('setTimeZone', { timeZone })).code).toBeUndefined();
    }
    at('2026-03-08T09:59:59.999Z');
    const before = await db.snapshot();
    expect((await send('setTimeZone', { timeZone: 'Asia/Tokyo' })).code).toBe('LIMIT_REACHED');
    expect((await send('setTimeZone', { timeZone: 'Asia/Seoul' })).result.timeZone).toBe('Asia/Seoul');
    expect(await db.snapshot()).toEqual(before);
    at('2026-03-08T10:00:00Z');
    expect((await send('setTimeZone', { timeZone: 'Asia/Tokyo' })).result.timeZone).toBe('Asia/Tokyo');
    expect((await send('setTimeZone', { timeZone: 'Asia/Seoul' })).code).toBe('LIMIT_REACHED');
  });

  it.for([
    ['before the first activity', false],
    ['after the first activity', true],
  ] as const)('does not count a zone that a token brought %s', async ([, hasActivity], { trackUser }) => {
    const { record, send, read } = await trackUser('2026-03-01T10:00:00Z');
    if (hasActivity) await record();
    await record({}, { zoneinfo: 'Europe/Paris' });
    expect(await read('timeZone')).toEqual({ timeZone: 'Europe/Paris' });
    for (const timeZone of ['Asia/Tokyo', 'Asia/Seoul', 'Asia/Tokyo', 'Asia/Seoul']) {
      expect((await send('setTimeZone', { timeZone })).result.timeZone).toBe(timeZone);
    }
    expect((await send('setTimeZone', { timeZone: 'Asia/Tokyo' })).code).toBe('LIMIT_REACHED');
  });

  it('orders changes of one instant, of which the last is in force for streaks too', async ({ trackUser, db }) => {
    const { id, record, send, read } = await trackUser('2026-03-01T10:00:00Z');
    await record();
    await send('setTimeZone', { timeZone: 'Asia/Tokyo' });
    await send('setTimeZone', { timeZone: 'America/New_York' });
    const rows = await db.sql`
      select time_zone from user_time_zones where auth_user_id = ${id} order by effective_from`;
    expect(rows.map((row) => row.time_zone)).toEqual(['Asia/Tokyo', 'America/New_York']);
    expect(await read('timeZone streak { expiresAt }')).toEqual({
      timeZone: 'America/New_York',
      streak: { expiresAt: '2026-03-03T05:00:00Z' },
    });
  });

  it('stays ordered on replicas whose clocks differ', async ({ trackUser, db }) => {
    const { id, send, read, at } = await trackUser('2026-03-01T10:00:05Z');
    await send('setTimeZone', { timeZone: 'Asia/Tokyo' });
    at('2026-03-01T10:00:00Z');
    await send('setTimeZone', { timeZone: 'Asia/Seoul' });
    expect(await read('timeZone')).toEqual({ timeZone: 'Asia/Seoul' });
    const rows = await db.sql`
      select time_zone from user_time_zones where auth_user_id = ${id} order by effective_from`;
    expect(rows.map((row) => row.time_zone)).toEqual(['Asia/Tokyo', 'Asia/Seoul']);
  });

  it('adds at most 4 rows for 20 requests at once', async ({ trackUser, db }) => {
    const { id, send } = await trackUser('2026-03-01T10:00:00Z');
    const zones = ['Asia/Tokyo', 'Asia/Seoul', 'Asia/Manila', 'Asia/Dubai', 'Asia/Dhaka'];
    const requests = Array.from({ length: 20 }, (_, n) => send('setTimeZone', { timeZone: zones[n % zones.length] }));
    const codes = (await Promise.all(requests)).map(({ code }) => code);
    expect(codes.filter((code) => code !== undefined && code !== 'LIMIT_REACHED')).toEqual([]);
    expect(await db.sql`select from user_time_zones where auth_user_id = ${id}`).toHaveLength(4);
  });
});

describe('PUT /users/{id}/timezone', () => {
  it('sets the zone of the owner', async ({ trackUser }) => {
    const { id, service, token, read } = await trackUser('2026-03-01T10:00:00Z');
    const put = { method: 'PUT', token: await token(), body: { time_zone: 'Europe/Berlin' } };
    const { status, body } = await service.rest(`/users/${id}/timezone`, put);
    expect([status, body]).toEqual([200, { time_zone: 'Europe/Berlin' }]);
    expect(await read('timeZone')).toEqual({ timeZone: 'Europe/Berlin' });
  });

  it('answers 401, 403, 422 and 400, and changes nothing', async ({ trackUser, db }) => {
    const { id, service, token, send } = await trackUser('2026-03-01T10:00:00Z');
    for (const timeZone of ['Asia/Tokyo', 'Asia/Seoul', 'Asia/Tokyo', 'Asia/Seoul']) {
      await send('setTimeZone', { timeZone });
    }
    const before = await db.snapshot();
    const put = async (body: unknown, given?: string) => {
      const { status, body: answer } = await service.rest(`/users/${id}/timezone`, {
        method: 'PUT',
        body,
        ...(given !== undefined && { token: given }),
      });
      return [status, answer.code];
    };
    const body = { time_zone: 'Asia/Tokyo' };
    expect(await put(body)).toEqual([401, 'UNAUTHENTICATED']);
    const scope = 'activity:write streaks:write activity:read';
    expect(await put(body, await token({ scope }, 'another'))).toEqual([403, 'FORBIDDEN']);
    for (const invalid of [{}, { time_zone: 1 }, { time_zone: null }, { ...body, more: 1 }, [body], 'Asia/Tokyo']) {
      expect(await put(JSON.stringify(invalid), await token())).toEqual([422, 'BAD_USER_INPUT']);
    }
    expect(await put(body, await token())).toEqual([400, 'LIMIT_REACHED']);
    expect(await db.snapshot()).toEqual(before);
  });
});
