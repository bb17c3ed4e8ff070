import { readerOf } from '../../auth/scopes.ts';
import { requireActor, requireViewer } from '../../auth/viewer.ts';
import { readWithOthers } from '../../lib/field-reader.ts';
import { requireRowId } from '../../lib/row-id.ts';
import { MAX_BYTES_PER_CHARACTER, REASON } from '../../lib/text.ts';
import { requireUserId } from '../../lib/user-id.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { cancelExcusedDates } from './cancel-excused-dates.ts';
import { EXCUSE_DATES, excuseDates, roleOf } from './excuse-dates.ts';
import { readExcusedDates } from './range.ts';
import { viewExcusedDates } from './view-excused-dates.ts';

/** See `textLengths` in the registry. */
export const excusedDatesTextLengths = { 'ExcusedDates.reason': MAX_BYTES_PER_CHARACTER * REASON.max };

export const excusedDatesResolvers = {
  Mutation: {
    excuseDates: async (_, { input: { userId, from, to, reason = null } }, context) => {
      const viewer = requireViewer(context.viewer);
      const range = { from, to, reason };
      const id = readWithOthers(
        () => requireUserId('userId', userId ?? viewer.id),
        () => readExcusedDates(range, roleOf(viewer)),
      );
      const excuser = requireActor(viewer, id, EXCUSE_DATES);
      return { excusedDates: await excuseDates(context, excuser, range), user: { id } };
    },
    cancelExcusedDates: async (_, { input: { id } }, context) => {
      const viewer = requireViewer(context.viewer);
      const excusedDates = await cancelExcusedDates(context, viewer, requireRowId('id', id));
      return { excusedDates, user: { id: excusedDates.userId } };
    },
  },
  User: {
    excusedDates: (user, _, context) => viewExcusedDates(context, readerOf(context.viewer, user.id, 'activity:read')),
  },
} satisfies Resolvers;
