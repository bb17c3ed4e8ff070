import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startPostgres } from '../../../dev/postgres.ts';

/**
 * Measures the cut-over of a large database of era B on its own PostgreSQL server with the default settings. Usage:
 * `node test/cutover/support/benchmark.ts [badges] [goals]`, by default 5,000,000 and 1,000,000. One badge of 1000 is
 * an orphan. A third of the badges and a fifth of the goals have values to replace. The rows of a user are far apart.
 */
const [badges = 5_000_000, goals = 1_000_000] = process.argv.slice(2).map(Number);
const USERS = 200_000;

const SEED = `
  create table users (id uuid primary key, username varchar(50) not null unique, password_hash text not null);
  create table badges (id serial primary key, name varchar not null, description varchar, icon_url varchar,
    date_achieved timestamp, user_id uuid);
  create table learning_goals (id serial primary key, title varchar not null, description varchar, status varchar,
    streak_count integer default 0, user_id uuid);
  insert into users select md5('u' || i)::uuid, 'user' || i, 'x' from generate_series(0, ${USERS - 1}) i;
  insert into badges (name, description, icon_url, date_achieved, user_id)
  select 'Badge ' || i, case when i % 7 > 0 then 'Finished lesson number ' || i end,
    case when i % 5 > 0 then '/icons/' || i || '.png' end, timestamp '2020-01-01' + i * interval '30 seconds',
    case when i % 1000 > 0 then md5('u' || i::bigint * 7919 % ${USERS})::uuid end
  from generate_series(1, ${badges}) i;
  insert into learning_goals (title, description, status, streak_count, user_id)
  select 'Goal ' || i, null, (array['in-progress', 'completed', 'not_started', 'in_progress', 'soon'])[1 + i % 5], i % 40,
    md5('u' || i::bigint * 7919 % ${USERS})::uuid
  from generate_series(1, ${goals}) i;
  alter table badges add constraint fk_badges_user_id foreign key (user_id) references users (id);
  alter table learning_goals add constraint fk_learning_goals_user_id foreign key (user_id) references users (id);`;

const PRINT_MEMORY = `data:text/javascript,process.on('exit', () =>
  process.stderr.write('peak memory: ' + Math.ceil(process.resourceUsage().maxRSS / 1024) + ' MB\\n'))`;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function run(url: string, args: string[]): Promise<void> {
  const startedAt = performance.now();
  const flags = ['--import', PRINT_MEMORY, 'src/cutover.ts', ...args];
  const child = spawn(process.execPath, flags, { env: { ...process.env, DATABASE_URL: url }, stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  print(`== ${args.join(' ')}: exit code ${code}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

const dataDir = join(tmpdir(), `user-service-benchmark-${process.pid}`);
const server = await startPostgres({ dataDir, port: 0, persistent: false });
try {
  const url = server.url('postgres');
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql.unsafe(SEED);
  await sql`checkpoint`;
  await sql.end();
  print(`== ${badges} badges and ${goals} goals of ${USERS} users`);
  for (const args of [['inspect'], ['migrate'], ['verify', '--strict'], ['rollback']]) await run(url, args);
} finally {
  await server.stop();
}
