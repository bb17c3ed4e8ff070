import type { Page } from '../../lib/page.ts';
import type { Goal } from './goal.ts';
import type { GoalProgress } from './progress.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type LearningGoalMapper = Goal;
export type LearningGoalConnectionMapper = Page<Goal>;
export type GoalProgressMapper = GoalProgress;
