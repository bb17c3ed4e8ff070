import { FieldReader } from '../../lib/field-reader.ts';
import { REASON, type TextRule } from '../../lib/text.ts';
import { requireUserId } from '../../lib/user-id.ts';
import { requireDefinitionKey } from '../badge-definitions/definition.ts';
import { MAX_AHEAD_MS } from '../tracking/activity.ts';

/** A badge to award by hand, as a client sends it. */
export interface AwardInput {
  userId: string;
  key: string;
  awardKey?: string | null | undefined;
  dateAchieved?: string | null | undefined;
}

interface Award {
  userId: string;
  definitionKey: string;
  awardKey: string;
  dateAchieved: string;
}

/** Completes "Not authorized to ...". */
export const AWARD_BADGES = 'award badges';

const AWARD_KEY: TextRule = { min: 0, max: 100 };

/**
 * Returns the award with its defaults.
 * @param now RFC 3339, UTC
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readAward({ userId, key, awardKey, dateAchieved }: AwardInput, now: string): Award {
  const fields = new FieldReader();
  const award = {
    userId: fields.collect(() => requireUserId('userId', userId)) ?? '',
    definitionKey: fields.collect(() => requireDefinitionKey('key', key)) ?? '',
    awardKey: fields.text('awardKey', awardKey ?? '', AWARD_KEY),
    dateAchieved: dateAchieved ?? now,
  };
  const time = Date.parse(award.dateAchieved);
  fields.require(time >= 0, 'dateAchieved', 'must not be before 1970');
  fields.require(time <= Date.parse(now) + MAX_AHEAD_MS, 'dateAchieved', 'must be at most 5 minutes ahead');
  fields.throwIfInvalid();
  return award;
}

/**
 * Returns the reason of a revocation; null without one.
 * @throws BAD_USER_INPUT
 */
export function readReason(reason: string | null | undefined): string | null {
  if (reason == null) return null;
  const fields = new FieldReader();
  const text = fields.text('reason', reason, REASON);
  fields.throwIfInvalid();
  return text;
}
