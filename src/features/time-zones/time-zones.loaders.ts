import { queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { findTimeZones } from './time-zones.store.ts';

export const timeZoneLoaders = perRequest((context) => ({ byUser: queryLoader(context, findTimeZones) }));
