import { type PageArgs, readPageArgs } from '../../db/query/page-request.ts';
import { memoizeByArgs } from '../../lib/memoize-by-args.ts';
import { queryBudget } from '../../loaders/query-budget.ts';
import { requestLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import {
  findDefinitions,
  findRevision,
  findVersions,
  listDefinitions,
  type VersionName,
} from './badge-definitions.store.ts';
import { requireDefinitionKey } from './definition.ts';

/** Definitions of a list without `first`. */
const DEFAULT_LIST_SIZE = 100;

export const badgeDefinitionLoaders = perRequest((context) => {
  const { db } = context;
  const budget = queryBudget(context);
  let revision: Promise<number> | undefined;
  return {
    byKey: requestLoader((keys: readonly string[]) => budget.run(() => findDefinitions(db, keys))),

    /** The revision of all definitions. */
    revision: () => (revision ??= budget.run(() => findRevision(db))),

    version: requestLoader((names: readonly VersionName[]) => budget.run(() => findVersions(db, names))),

    /** @throws BAD_USER_INPUT unless `first` is 1 to 500 and `after` is a key */
    list: memoizeByArgs(async ({ first, after, withDrafts }: PageArgs & { withDrafts: boolean }) => {
      const { limit } = readPageArgs({ first }, DEFAULT_LIST_SIZE);
      const page = { limit, after: after == null ? '' : requireDefinitionKey('after', after), withDrafts };
      const definitions = await budget.run(() => listDefinitions(db, page));
      budget.spend(definitions);
      return definitions;
    }),
  };
});
