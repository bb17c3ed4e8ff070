import type { Service } from '../support/app.ts';
import type { Json } from '../support/json.ts';

const ABORTED = '499';

/** An operation of the OpenAPI document. */
interface Operation {
  method: string;
  /** The path, with its parameters in braces. */
  template: string;
  /** Its method, route and each status: those of the OpenAPI document, and that of aborted requests. */
  statuses: string[];
}

/** Returns the operations of the OpenAPI document. */
export async function operationsOf(service: Service): Promise<Operation[]> {
  const { paths } = (await service.rest('/openapi.json')).body;
  return Object.entries<Json>(paths).flatMap(([template, item]) =>
    Object.keys(item)
      .filter((key) => /^(?:get|put|post|patch|delete)$/.test(key))
      .map((key) => {
        const method = key.toUpperCase();
        const route = template.replaceAll(/\{(\w+)\}/g, ':$1');
        const documented = Object.keys(item[key].responses);
        const statuses = [...documented, ABORTED].map((status) => `${method} ${route} ${status}`);
        return { method, template, statuses };
      }),
  );
}

/** Sends requests of the user and of others, some of them for resources that do not exist or with invalid bodies. */
export async function callInEachWay(
  service: Service,
  { method, template }: Operation,
  { id, token }: { id: string; token: string },
): Promise<void> {
  const pathOf = (userId: string) => template.replace('{auth_user_id}', userId).replaceAll(/\{\w+\}/g, '1');
  const path = pathOf(id);
  await service.rest(path, { method });
  await service.rest(path, { method, token: 'invalid' });
  await service.rest(path, { method, token });
  await service.rest(pathOf('unknown'), { method, token });
  await service.rest(pathOf('-'), { method, token });
  if (method === 'GET' || method === 'DELETE') return;
  for (const body of ['{', '{}', `"${'x'.repeat(2 ** 20)}"`]) await service.rest(path, { method, token, body });
  await service.rest(path, { method, token, body: 'x', headers: { 'content-type': 'text/plain' } });
}
