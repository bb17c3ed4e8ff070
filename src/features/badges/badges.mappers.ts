import type { Page } from '../../lib/page.ts';
import type { Badge } from './badge.ts';

/** The domain types behind this feature's GraphQL types; `npm run codegen` reads this file. */
export type BadgeMapper = Badge;
export type BadgeConnectionMapper = Page<Badge>;
