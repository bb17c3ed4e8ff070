import { STATUS } from './database.ts';
import { insertWithinLimit } from './insert-within-limit.ts';

interface NewGoal {
  userId: string;
  title: string;
  description: string;
}

interface GoalRow {
  id: number;
  title: string;
  description: string;
  status: string;
  streak_count: number;
  created_at: string;
  updated_at: string;
}

const MAX_GOALS = 500;

function insertGoal({ userId, title, description }: NewGoal): Promise<GoalRow> {
  const now = new Date().toISOString();
  return insertWithinLimit(
    { table: 'learning_goals', userId, limit: MAX_GOALS },
    (tx) => tx<[GoalRow]>`
      insert into learning_goals (auth_user_id, title, description, status, streak_count, created_at, updated_at)
      values (${userId}, ${title}, ${description}, 'in-progress', 0, ${now}, ${now})
      returning id, title, description, status, streak_count, created_at, updated_at`,
  );
}

export async function createGoal({ input }: { input: NewGoal }): Promise<string> {
  const { id, title, description, status, ...row } = await insertGoal(input);
  const { streak_count: streakCount, created_at: createdAt, updated_at: updatedAt } = row;
  const goal = { id: String(id), title, description, status: STATUS[status], streakCount, createdAt, updatedAt };
  return JSON.stringify({ data: { createGoal: { goal } } });
}
