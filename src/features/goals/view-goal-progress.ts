import { dateAt, type LocalDate } from '../../lib/local-date.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Goal } from './goal.ts';
import { goalLoaders } from './goals.loaders.ts';
import { canBeOverdue, type GoalProgress, goalProgress } from './progress.ts';

/** Returns the progress of a goal; null without a target. */
export async function viewGoalProgress(context: RequestContext, goal: Goal): Promise<GoalProgress | null> {
  const { targetQuantity: target } = goal;
  if (target === null) return null;
  const { quantity, today } = await loadSums(context, goal);
  return goalProgress(goal, { quantity, target, today });
}

/** Returns whether the due date of a goal that is neither completed nor archived is over. */
export function viewIsOverdue(context: RequestContext, goal: Goal): boolean | Promise<boolean> {
  const { dueOn } = goal;
  if (dueOn === null || !canBeOverdue(goal)) return false;
  return loadSums(context, goal).then(({ today }) => dueOn < today);
}

async function loadSums(context: RequestContext, goal: Goal): Promise<{ quantity: number; today: LocalDate }> {
  const { quantity, timeZone } = await goalLoaders(context).sums.load(goal);
  return { quantity, today: dateAt(context.now(), timeZone) };
}
