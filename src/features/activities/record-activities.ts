import type { Authorized } from '../../auth/scopes.ts';
import type { Viewer } from '../../auth/viewer.ts';
import { AppError, invalidField } from '../../errors.ts';
import { forEachConcurrently } from '../../lib/for-each-concurrently.ts';
import type { RequestContext } from '../../request-context.ts';
import { compareMoments } from '../badge-definitions/rule.ts';
import type { Activity } from '../tracking/activity.ts';
import { changeTracking, TooManyAwardsError } from '../tracking/change-tracking.ts';
import type { TrackingDraft } from '../tracking/tracking-draft.ts';
import { type ActivityContent, type ActivityInput, readActivity } from './activity-input.ts';
import { addActivity } from './add-activity.ts';
import { activityRequest } from './record-activity.ts';

/** The result of one item of a batch. */
export interface ItemResult {
  status: 'created' | 'replayed' | 'conflict' | 'invalid';
  activity: Activity | null;
  code: string | null;
  /** The invalid field; null for an error of no field. */
  field: string | null;
  message: string | null;
}

/** An item of a batch whose types are not checked. */
export interface BatchItem extends ActivityInput {
  userId?: unknown;
}

/** The proof that the viewer records activities of all users. */
type BatchRecorder = Viewer & Authorized<'activity:write'>;

interface Batch {
  context: RequestContext;
  recorder: BatchRecorder;
  /** By the positions of the items. */
  results: ItemResult[];
}

interface ValidItem {
  position: number;
  userId: string;
  content: ActivityContent;
}

const NO_ERROR = { code: null, field: null, message: null } as const;

/** Completes "Not authorized to ...". */
export const RECORD_ACTIVITIES = 'record activities of other users';
export const MAX_BATCH_SIZE = 1000;
/**
 * Users of one batch whose activities are saved at the same time, of the ten connections that a pool has by default.
 */
const MAX_CONCURRENT_USERS = 4;
/** Badges of one change, which one statement saves. A change that earns more is divided. */
const MAX_NEW_AWARDS = 2000;
/** An instant after those of all activities. */
const LAST = '9999-12-31T23:59:59Z';

/**
 * Records the activities of many users. Those of one user are saved together, or in parts if they earn too many badges.
 * An invalid item changes nothing.
 * @param toItem reads an item; its BAD_USER_INPUT is the result of that item
 * @throws BAD_USER_INPUT for the number of items, and the errors of `changeTracking`, after which some items may be
 * saved
 */
export async function recordActivities<Given>(
  context: RequestContext,
  recorder: BatchRecorder,
  { items, toItem }: { items: readonly Given[]; toItem: (item: Given) => BatchItem },
): Promise<ItemResult[]> {
  if (items.length < 1 || items.length > MAX_BATCH_SIZE) {
    throw invalidField('activities', `activities must have 1 to ${MAX_BATCH_SIZE} items`);
  }
  const results: ItemResult[] = [];
  const valid: ValidItem[] = [];
  for (const [position, item] of items.entries()) {
    results[position] = resultOf(() => {
      valid.push(readItem(toItem(item), position));
      return { status: 'created', activity: null, ...NO_ERROR };
    });
  }
  const byUser = Map.groupBy(valid, ({ userId }) => userId);
  const batch = { context, recorder, results };
  await forEachConcurrently([...byUser.values()], MAX_CONCURRENT_USERS, (userItems) => recordUser(batch, userItems));
  return results;
}

function readItem({ userId, ...activity }: BatchItem, position: number): ValidItem {
  const content = readActivity(userId, activity);
  return { position, userId: String(userId), content };
}

/** Records the items of a user. With too many badges, it records them in parts, in the order of their time. */
async function recordUser(batch: Batch, items: readonly ValidItem[]): Promise<void> {
  try {
    await recordItems(batch, items);
  } catch (error) {
    if (!(error instanceof TooManyAwardsError)) throw error;
    // Badges are not spread evenly over the items.
    const parts = Math.ceil((2 * error.count) / MAX_NEW_AWARDS);
    const size = Math.ceil(items.length / parts);
    const sorted = sortByTime(items);
    for (let start = 0; start < sorted.length; start += size) {
      await recordUser(batch, sorted.slice(start, start + size));
    }
  }
}

/**
 * Sorts items by time. Those with the same event id stay together in their order, of which the first one is recorded.
 */
function sortByTime(items: readonly ValidItem[]): ValidItem[] {
  const momentOf = ([{ content }]: readonly [ValidItem, ...ValidItem[]]) => ({ at: content.occurredAt ?? LAST, id: 0 });
  const events = Map.groupBy(items, ({ content }) => content.eventId).values() as Iterable<[ValidItem, ...ValidItem[]]>;
  return [...events].sort((a, b) => compareMoments(momentOf(a), momentOf(b))).flat();
}

/** @throws TooManyAwardsError, after which nothing is saved */
async function recordItems({ context, recorder, results }: Batch, items: readonly ValidItem[]): Promise<void> {
  const [{ userId } = { userId: '' }] = items;
  const contents = items.map(({ content }) => content);
  const { result: recorded } = await changeTracking(context, {
    request: activityRequest(context, userId, contents),
    recordedVerbs: [...new Set(contents.map(({ verb }) => verb))],
    apply: (draft) => items.map((item) => resultOf(() => recordItem(draft, recorder, item))),
    ...(items.length > 1 && { maxAwards: MAX_NEW_AWARDS }),
  });
  for (const [index, { position }] of items.entries()) results[position] = recorded[index] as ItemResult;
}

function recordItem(draft: TrackingDraft, recorder: BatchRecorder, { content }: ValidItem): ItemResult {
  const { activity, isReplay } = addActivity(draft, recorder, content);
  return { status: isReplay ? 'replayed' : 'created', activity, ...NO_ERROR };
}

/** Returns the result of an item, or the reason why it is invalid. */
function resultOf(record: () => ItemResult): ItemResult {
  try {
    return record();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { graphqlCode: code, field = null, message } = error;
    return { status: error.code === 'CONFLICT' ? 'conflict' : 'invalid', activity: null, code, field, message };
  }
}
