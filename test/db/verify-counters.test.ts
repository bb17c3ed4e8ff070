import { startCommand } from '../support/command.ts';
import type { TestDatabase } from '../support/database.ts';
import { badgeBody, describe, expect, it } from '../support/fixtures.ts';

const verify = ({ url }: TestDatabase, ...options: string[]) =>
  startCommand(['src/verify.ts', ...options], { DATABASE_URL: url }).ended;

describe('npm run db:verify', () => {
  it('reports wrong counters, and with --repair sets them and the unknown ones', async ({
    service,
    db,
    createUser,
  }) => {
    const [ada, eve] = [await createUser(), await createUser()];
    for (const { id, token } of [ada, eve]) await service.rest(`/users/${id}/badges`, { token, body: badgeBody() });
    expect(await verify(db)).toMatchObject({ code: 0, stdout: '2 users: 0 wrong and 0 unknown counters\n' });

    await db.sql`update auth_users set badge_count = 5 where id = ${ada.id}`;
    await db.sql`update auth_users set goal_count = null where id = ${eve.id}`;
    const difference = `user ${ada.id}: badge_count is 5, expected 1\n`;
    expect(await verify(db)).toMatchObject({
      code: 1,
      stdout: `${difference}2 users: 1 wrong and 1 unknown counters\n`,
    });
    expect(await verify(db, '--repair')).toMatchObject({
      code: 0,
      stdout: `${difference}2 users: 1 wrong and 1 unknown counters, all set\n`,
    });
    expect(await verify(db)).toMatchObject({ code: 0, stdout: '2 users: 0 wrong and 0 unknown counters\n' });
  });

  it('rejects unknown options', async ({ db }) => {
    expect(await verify(db, '--fix')).toMatchObject({ code: 1, stderr: expect.stringContaining('usage') });
  });
});
