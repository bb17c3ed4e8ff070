import { desc, eq, sql } from 'drizzle-orm';
import Fastify from 'fastify';
import { lookUpUser } from './shared/lookup.ts';
import { insertBadge } from './shared/store.ts';
import { badges, db, learningGoals } from './shared/tables.ts';

// Fastify with response schemas and drizzle's prepared statements, as in https://fastify.dev and https://orm.drizzle.team.

const badgesByUser = db
  .select({
    id: badges.id,
    name: badges.name,
    description: badges.description,
    icon_url: badges.iconUrl,
    date_achieved: badges.dateAchieved,
    auth_user_id: badges.authUserId,
  })
  .from(badges)
  .where(eq(badges.authUserId, sql.placeholder('id')))
  .orderBy(desc(badges.dateAchieved), desc(badges.id))
  .prepare('badges_by_user');

const goalsByUser = db
  .select({
    id: learningGoals.id,
    title: learningGoals.title,
    description: learningGoals.description,
    status: learningGoals.status,
    streak_count: learningGoals.streakCount,
    auth_user_id: learningGoals.authUserId,
    created_at: learningGoals.createdAt,
    updated_at: learningGoals.updatedAt,
  })
  .from(learningGoals)
  .where(eq(learningGoals.authUserId, sql.placeholder('id')))
  .orderBy(desc(learningGoals.createdAt), desc(learningGoals.id))
  .prepare('goals_by_user');

const text = { type: 'string' };
const nullableText = { type: 'string', nullable: true };
const integer = { type: 'integer' };
const instant = { type: 'string', format: 'date-time' };
const object = (properties: object) => ({ type: 'object', properties });
const array = (items: object) => ({ type: 'array', items });
const respondWith = (schema: object) => ({ schema: { response: { 200: schema } } });

const Badge = object({
  id: integer,
  name: text,
  description: text,
  icon_url: text,
  date_achieved: instant,
  auth_user_id: text,
});
const Goal = object({
  id: integer,
  title: text,
  description: nullableText,
  status: text,
  streak_count: integer,
  auth_user_id: text,
  created_at: instant,
  updated_at: instant,
});
const Profile = object({
  id: text,
  username: text,
  display_name: nullableText,
  avatar_url: nullableText,
  statistics: object({ total_badges: integer, total_goals: integer, level: integer }),
  badges: array(Badge),
  learning_goals: array(Goal),
});

const app = Fastify();

app.get<{ Params: { id: string } }>('/users/:id/badges', respondWith(array(Badge)), async ({ params }) =>
  badgesByUser.execute(params),
);

app.get<{ Params: { id: string } }>('/users/:id', respondWith(Profile), async ({ params }) => {
  const [user, owned, goals] = await Promise.all([
    lookUpUser(params.id),
    badgesByUser.execute(params),
    goalsByUser.execute(params),
  ]);
  return {
    id: user.id,
    username: user.username,
    display_name: user.displayName,
    avatar_url: user.avatarUrl,
    statistics: {
      total_badges: owned.length,
      total_goals: goals.length,
      level: Math.min(Math.floor(owned.length / 5) + 1, 10),
    },
    badges: owned,
    learning_goals: goals,
  };
});

interface NewBadge {
  name: string;
  description: string;
  icon_url: string;
}

app.post<{ Params: { id: string }; Body: NewBadge }>(
  '/users/:id/badges',
  respondWith(Badge),
  async ({ params, body }) => {
    const { authUserId, iconUrl, dateAchieved, ...badge } = await insertBadge(params.id, {
      name: body.name,
      description: body.description,
      iconUrl: body.icon_url,
    });
    return { ...badge, icon_url: iconUrl, date_achieved: dateAchieved, auth_user_id: authUserId };
  },
);

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
