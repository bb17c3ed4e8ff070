import { readerOf } from '../../auth/scopes.ts';
import { requireOwner } from '../../auth/viewer.ts';
import type { Resolvers } from '../resolvers.generated.ts';
import { SET_TIME_ZONE, setTimeZone } from './set-time-zone.ts';
import { viewTimeZone } from './view-time-zone.ts';

/** See `textLengths` in the registry. */
export const timeZonesTextLengths = { 'SetTimeZonePayload.timeZone': 64, 'User.timeZone': 64 };

export const timeZonesResolvers = {
  Mutation: {
    setTimeZone: async (_, { input }, context) => {
      const owner = requireOwner(context.viewer, undefined, SET_TIME_ZONE);
      const timeZone = await setTimeZone(context, owner, input.timeZone);
      return { user: { id: owner.id }, timeZone };
    },
  },
  User: {
    timeZone: (user, _, context) => viewTimeZone(context, readerOf(context.viewer, user.id, 'activity:read')),
  },
} satisfies Resolvers;
