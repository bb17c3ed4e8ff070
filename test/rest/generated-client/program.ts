import createClient from 'openapi-fetch';
import type { components, paths } from './openapi.d.ts';

/** A client of the REST API with generated types. The test generates `openapi.d.ts`, checks the types and runs it. */
type Goal = components['schemas']['Goal'];

const { SERVICE_URL: baseUrl = '', TOKEN: token = '', USER_ID: userId = '' } = process.env;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${token}` } });
const path = { auth_user_id: userId };

async function createGoal(title: string): Promise<Goal> {
  const params = { path, header: { 'idempotency-key': 'first-goal' } };
  const { data, error } = await client.POST('/users/{auth_user_id}/goals', { params, body: { title } });
  if (error !== undefined) throw new Error(`${error.code}: ${error.request_id}`);
  return data;
}

async function updateStatus(goal: Goal, etag: string): Promise<Goal['status'] | 'STALE_VERSION'> {
  const { data, error } = await client.PUT('/users/{auth_user_id}/goals/{goal_id}', {
    params: { path: { ...path, goal_id: goal.id }, header: { 'if-match': etag } },
    body: { status: 'completed' },
  });
  if (error?.code === 'STALE_VERSION') return error.code;
  if (data === undefined) throw new Error(error?.code);
  return data.status;
}

const goal = await createGoal('Learn federation');
const stale = await updateStatus(goal, '"0-0"');
const status = await updateStatus(goal, `"${goal.id}-1"`);
const list = await client.GET('/users/{auth_user_id}/goals', { params: { path, query: { limit: 10 } } });
const titles: string[] | undefined = list.data?.map(({ title }) => title);
const next: string | null = list.response.headers.get('link');

const invalid = await client.POST('/users/{auth_user_id}/badges', {
  params: { path },
  body: { name: '', description: 'Lessons in three languages', icon_url: '/icons/polyglot.svg' },
});
const detail = invalid.error?.detail;
const place: (string | number)[] | undefined = typeof detail === 'object' ? detail[0]?.loc : undefined;

const goalParams = { params: { path: { ...path, goal_id: goal.id } } };
const deleted = await client.DELETE('/users/{auth_user_id}/goals/{goal_id}', goalParams);
const again = await client.DELETE('/users/{auth_user_id}/goals/{goal_id}', goalParams);

const results = { stale, status, titles, next, place, ok: deleted.data?.ok, again: again.error?.code };
process.stdout.write(JSON.stringify(results));
