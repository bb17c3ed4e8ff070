import { insertWithinLimit } from './insert-within-limit.ts';

interface NewBadge {
  name: string;
  description: string;
  iconUrl: string;
}

interface BadgeRow {
  id: number;
  name: string;
  description: string;
  icon_url: string;
  date_achieved: string;
  auth_user_id: string;
}

const MAX_BADGES = 1000;

function insertBadge(userId: string, { name, description, iconUrl }: NewBadge): Promise<BadgeRow> {
  return insertWithinLimit(
    { table: 'badges', userId, limit: MAX_BADGES },
    (tx) => tx<[BadgeRow]>`
      insert into badges (auth_user_id, name, description, icon_url, date_achieved)
      values (${userId}, ${name}, ${description}, ${iconUrl}, ${new Date().toISOString()})
      returning id, name, description, icon_url, date_achieved, auth_user_id`,
  );
}

export async function createBadge({ input }: { input: NewBadge & { userId: string } }): Promise<string> {
  const created = await insertBadge(input.userId, input);
  const { id, name, description, icon_url: iconUrl, date_achieved: dateAchieved } = created;
  return JSON.stringify({
    data: { createBadge: { badge: { id: String(id), name, description, iconUrl, dateAchieved } } },
  });
}

export async function restCreateBadge(userId: string, body: string): Promise<string> {
  const { name, description, icon_url: iconUrl } = JSON.parse(body);
  return JSON.stringify(await insertBadge(userId, { name, description, iconUrl }));
}
