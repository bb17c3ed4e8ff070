import { desc, eq, sql } from 'drizzle-orm';
import Fastify from 'fastify';
import { lookUp } from './peer/look-up.ts';
import { insertBadge } from './peer/store.ts';
import { badges, db, learningGoals } from './peer/tables.ts';

// Fastify with drizzle's prepared statements, by https://fastify.dev and https://orm.drizzle.team: answers have schemas.

const badgesOf = db
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
  .prepare('badges_of');

const goalsOf = db
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
  .prepare('goals_of');

const text = { type: 'string' };
const nullableText = { type: 'string', nullable: true };
const integer = { type: 'integer' };
const instant = { type: 'string', format: 'date-time' };
const object = (properties: object) => ({ type: 'object', properties });
const array = (items: object) => ({ type: 'array', items });
const answers = (schema: object) => ({ schema: { response: { 200: schema } } });

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

app.get<{ Params: { id: string } }>('/users/:id/badges', answers(array(Badge)), async ({ params }) =>
  badgesOf.execute(params),
);

app.get<{ Params: { id: string } }>('/users/:id', answers(Profile), async ({ params }) => {
  const [person, owned, goals] = await Promise.all([
    lookUp(params.id),
    badgesOf.execute(params),
    goalsOf.execute(params),
  ]);
  return {
    id: person.id,
    username: person.username,
    display_name: person.displayName,
    avatar_url: person.avatarUrl,
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

app.post<{ Params: { id: string }; Body: NewBadge }>('/users/:id/badges', answers(Badge), async ({ params, body }) => {
  const { authUserId, iconUrl, dateAchieved, ...badge } = await insertBadge(params.id, {
    name: body.name,
    description: body.description,
    iconUrl: body.icon_url,
  });
  return { ...badge, icon_url: iconUrl, date_achieved: dateAchieved, auth_user_id: authUserId };
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
