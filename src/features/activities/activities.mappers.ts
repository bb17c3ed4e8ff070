import type { Page } from '../../lib/page.ts';
import type { Activity } from '../tracking/activity.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type ActivityMapper = Activity;
export type ActivityConnectionMapper = Page<Activity>;
