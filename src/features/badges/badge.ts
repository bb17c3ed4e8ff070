import { AppError, type FieldProblem } from '../../errors.ts';
import type { CursorKey } from '../../lib/cursor.ts';
import { FieldReader } from '../../lib/field-reader.ts';
import type { TextRule } from '../../lib/text.ts';

/** The origin of a badge: its user, the import of a v1 database, a rule, or a token that awards badges. */
export type BadgeSource = 'self' | 'import' | 'rule' | 'issuer';
export type BadgeStatus = 'active' | 'revoked';

export interface Badge {
  id: number;
  userId: string;
  name: string;
  description: string;
  iconUrl: string;
  /** RFC 3339, UTC. */
  dateAchieved: string;
  source: BadgeSource;
  status: BadgeStatus;
  /** The definition, its version, and the key that makes the award unique; null for badges that were not awarded. */
  definitionKey: string | null;
  definitionVersion: number | null;
  awardKey: string | null;
}

/** The fields of a badge that its user has created. */
export const SELF_MADE = {
  source: 'self',
  status: 'active',
  definitionKey: null,
  definitionVersion: null,
  awardKey: null,
} as const satisfies Partial<Badge>;

/** The fields of a badge that its user chooses. */
export type BadgeContent = Pick<Badge, 'name' | 'description' | 'iconUrl'>;

/** Completes "Not authorized to ...". */
export const CREATE_BADGE = 'create a badge for this user';

export const BADGE_RULES = {
  name: { min: 1, max: 100 },
  description: { min: 1, max: 500, multiline: true },
  iconUrl: { min: 1, max: 500 },
} as const satisfies Record<keyof BadgeContent, TextRule>;

const ICON_URL_RULE =
  'must be an http(s) URL or a path that starts with one slash, without white space and backslashes';

const BADGES_PER_LEVEL = 5;
const MAX_LEVEL = 10;

/**
 * Returns a badge's content in the form in which it is stored.
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readBadgeContent(input: BadgeContent): BadgeContent {
  const fields = new FieldReader();
  const content = { ...badgeContent(input), ...readBadgeFields(fields, input) };
  fields.throwIfInvalid();
  return content;
}

/** Returns the fields that are there, in the form in which they are stored; their nulls are left to the caller. */
export function readBadgeFields(
  fields: FieldReader,
  { name, description, iconUrl }: Partial<Record<keyof BadgeContent, unknown>>,
): Partial<BadgeContent> {
  return {
    ...(name != null && { name: fields.text('name', name, BADGE_RULES.name) }),
    ...(description != null && { description: fields.text('description', description, BADGE_RULES.description) }),
    ...(iconUrl != null && { iconUrl: readIconUrl(fields, iconUrl) }),
  };
}

/** Returns the content of a badge. */
export function badgeContent({ name, description, iconUrl }: BadgeContent): BadgeContent {
  return { name, description, iconUrl };
}

/** Returns the problems of an input whose types are not checked. */
export function badgeProblems(input: Partial<Record<keyof BadgeContent, unknown>>): FieldProblem[] {
  const fields = new FieldReader();
  readBadgeFields(fields, input);
  return fields.problems;
}

/** Returns the sort key of a badge in its user's list. */
export function badgeCursorKey(badge: Badge): CursorKey {
  return { at: badge.dateAchieved, id: badge.id };
}

export function badgeNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Badge not found');
}

/** Returns the level for a number of badges: from 1 to 10, one more for every 5 badges, as in v1. */
export function levelFor(totalBadges: number): number {
  return Math.min(Math.floor(totalBadges / BADGES_PER_LEVEL) + 1, MAX_LEVEL);
}

function readIconUrl(fields: FieldReader, input: unknown): string {
  const iconUrl = fields.text('iconUrl', input, BADGE_RULES.iconUrl);
  fields.require(isIconUrl(iconUrl), 'iconUrl', ICON_URL_RULE);
  return iconUrl;
}

function isIconUrl(text: string): boolean {
  if (/[\s\\]/.test(text)) return false;
  return text.startsWith('/') ? !text.startsWith('//') : /^https?:\/\//i.test(text) && URL.canParse(text);
}
