import { requireScope } from '../../auth/scopes.ts';
import type { Viewer } from '../../auth/viewer.ts';
import { AppError, invalidField } from '../../errors.ts';
import { forEachConcurrently } from '../../lib/for-each-concurrently.ts';
import { requireUserId } from '../../lib/user-id.ts';
import type { RequestContext } from '../../request-context.ts';
import type { Activity } from '../tracking/activity.ts';
import { changeTracking } from '../tracking/change-tracking.ts';
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

interface ValidItem {
  position: number;
  userId: string;
  content: ActivityContent;
}

const NO_ERROR = { code: null, field: null, message: null } as const;

/** Completes "Not authorized to ...". */
export const RECORD_ACTIVITIES = 'record activities of other users';
export const MAX_BATCH_SIZE = 1000;
/** Users of one batch whose activities are saved at the same time, of the ten connections that a pool has by default. */
const MAX_CONCURRENT_USERS = 4;

/**
 * Records the activities of many users. Those of one user are saved together; an invalid item changes nothing.
 * @param toItem reads an item; its BAD_USER_INPUT is the result of that item
 * @throws UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT for the number of items; SERVICE_UNAVAILABLE after some users may be
 * saved
 */
export async function recordActivities<Given>(
  context: RequestContext,
  items: readonly Given[],
  toItem: (item: Given) => BatchItem,
): Promise<ItemResult[]> {
  const viewer = requireScope(context.viewer, 'activity:write', RECORD_ACTIVITIES);
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
  await forEachConcurrently([...byUser.values()], MAX_CONCURRENT_USERS, async (userItems) => {
    const recorded = await recordItems(context, viewer, userItems);
    for (const [index, { position }] of userItems.entries()) results[position] = recorded[index] as ItemResult;
  });
  return results;
}

function readItem({ userId, ...activity }: BatchItem, position: number): ValidItem {
  return { position, userId: requireUserId('userId', userId), content: readActivity(activity) };
}

async function recordItems(
  context: RequestContext,
  viewer: Viewer,
  items: readonly ValidItem[],
): Promise<ItemResult[]> {
  const [{ userId } = { userId: '' }] = items;
  const contents = items.map(({ content }) => content);
  const { result } = await changeTracking(context, {
    request: activityRequest(context, userId, contents),
    verbs: [...new Set(contents.map(({ verb }) => verb))],
    apply: (draft) => items.map((item) => resultOf(() => recordItem(draft, viewer, item))),
  });
  return result;
}

function recordItem(draft: TrackingDraft, viewer: Viewer, { content }: ValidItem): ItemResult {
  const { activity, isReplay } = addActivity(draft, viewer, content);
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
