import { and, desc, eq, sql } from 'drizzle-orm';
import Fastify from 'fastify';
import { lookUpUser } from './shared/lookup.ts';
import { presentStreak } from './shared/simple-streak.ts';
import { insertBadge } from './shared/store.ts';
import { activityTotals, badges, db, learningGoals, peerStreaks } from './shared/tables.ts';

// Fastify with response schemas and drizzle's prepared statements, as in https://fastify.dev and
// https://orm.drizzle.team.

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
    target_quantity: sql<number | null>`target_quantity`,
    due_on: sql<string | null>`due_on`,
    times_per_week: sql<number | null>`times_per_week`,
  })
  .from(learningGoals)
  .where(eq(learningGoals.authUserId, sql.placeholder('id')))
  .orderBy(desc(learningGoals.createdAt), desc(learningGoals.id))
  .prepare('goals_by_user');

const streakByUser = db
  .select({
    current: peerStreaks.current,
    longest: peerStreaks.longest,
    lastDay: peerStreaks.lastDay,
    days: activityTotals.days,
  })
  .from(peerStreaks)
  .innerJoin(
    activityTotals,
    and(eq(activityTotals.authUserId, peerStreaks.authUserId), eq(activityTotals.series, 'all')),
  )
  .where(eq(peerStreaks.authUserId, sql.placeholder('id')))
  .prepare('streak_by_user');

const text = { type: 'string' };
const nullableText = { type: 'string', nullable: true };
const integer = { type: 'integer' };
const nullableInteger = { type: 'integer', nullable: true };
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
  target_quantity: nullableInteger,
  due_on: nullableText,
  times_per_week: nullableInteger,
});
const Profile = object({
  id: text,
  username: text,
  display_name: nullableText,
  avatar_url: nullableText,
  statistics: object({
    total_badges: integer,
    total_goals: integer,
    level: integer,
    current_streak: integer,
    longest_streak: integer,
    active_days: integer,
  }),
  badges: array(Badge),
  learning_goals: array(Goal),
});

const app = Fastify();

app.get<{ Params: { id: string } }>('/users/:id/badges', respondWith(array(Badge)), async ({ params }) =>
  badgesByUser.execute(params),
);

app.get<{ Params: { id: string } }>('/users/:id', respondWith(Profile), async ({ params }) => {
  const [user, owned, goals, [kept]] = await Promise.all([
    lookUpUser(params.id),
    badgesByUser.execute(params),
    goalsByUser.execute(params),
    streakByUser.execute(params),
  ]);
  const { current, longest } = presentStreak(kept);
  return {
    id: user.id,
    username: user.username,
    display_name: user.displayName,
    avatar_url: user.avatarUrl,
    statistics: {
      total_badges: owned.length,
      total_goals: goals.length,
      level: Math.min(Math.floor(owned.length / 5) + 1, 10),
      current_streak: current,
      longest_streak: longest,
      active_days: kept?.days ?? 0,
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
