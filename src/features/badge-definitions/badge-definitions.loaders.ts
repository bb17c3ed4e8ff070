import { type PageArgs, readPageArgs } from '../../db/query/page-request.ts';
import { memoizeByArgs } from '../../lib/memoize-by-args.ts';
import { DEFAULT_LIST_SIZE } from '../../lib/page.ts';
import { queryBudget } from '../../loaders/query-budget.ts';
import { queryLoader } from '../../loaders/row-loaders.ts';
import { perRequest } from '../../request-context.ts';
import { findDefinitionRevision, findDefinitions, findVersions, listDefinitions } from './badge-definitions.store.ts';
import { requireDefinitionKey } from './definition.ts';

export const badgeDefinitionLoaders = perRequest((context) => {
  const { db } = context;
  const budget = queryBudget(context);
  let revision: Promise<number> | undefined;
  return {
    byKey: queryLoader(context, findDefinitions),

    /** The revision of the active definitions. */
    revision: () => (revision ??= budget.run(() => findDefinitionRevision(db))),

    version: queryLoader(context, findVersions),

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
