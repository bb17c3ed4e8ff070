import { badInput } from '../errors.ts';
import type { Position } from '../lib/cursor.ts';
import type { Page } from '../lib/page.ts';
import { normalizeText, textProblem } from '../lib/text.ts';

export interface Badge {
  id: number;
  userId: string;
  name: string;
  description: string;
  iconUrl: string;
  /** RFC 3339, UTC. */
  dateAchieved: string;
}

export type BadgePage = Page<Badge>;

export interface BadgeInput {
  name: string;
  description: string;
  iconUrl: string;
}

/** Completes "Not authorized to ...". */
export const CREATE_BADGE = 'create a badge for this user';

const RULES = {
  name: { min: 1, max: 100 },
  description: { min: 1, max: 500, multiline: true },
  iconUrl: { min: 1, max: 500 },
} as const;
const BADGES_PER_LEVEL = 5;
const MAX_LEVEL = 10;

/**
 * A badge's content as it is stored.
 * @throws BAD_USER_INPUT naming the first field at fault
 */
export function readBadgeInput(input: BadgeInput): BadgeInput {
  const read = (field: keyof BadgeInput): string => {
    const text = normalizeText(input[field]);
    const problem = textProblem(text, RULES[field]);
    if (problem !== undefined) throw badInput(field, `${field} ${problem}`);
    return text;
  };
  const badge = { name: read('name'), description: read('description'), iconUrl: read('iconUrl') };
  if (!isIconUrl(badge.iconUrl)) {
    throw badInput('iconUrl', 'iconUrl must be an http(s) URL or a path that starts with one slash');
  }
  return badge;
}

/** Where a badge stands in its owner's list. */
export function badgePosition(badge: Badge): Position {
  return { at: badge.dateAchieved, id: badge.id };
}

/** One level for every five badges, from 1 to 10: the first version's rule. */
export function levelFor(totalBadges: number): number {
  return Math.min(Math.floor(totalBadges / BADGES_PER_LEVEL) + 1, MAX_LEVEL);
}

function isIconUrl(text: string): boolean {
  if (/[\s\\]/.test(text)) return false;
  return text.startsWith('/') ? !text.startsWith('//') : /^https?:\/\//i.test(text) && URL.canParse(text);
}
