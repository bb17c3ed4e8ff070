import type { TestDatabase } from '../../support/database.ts';
import { expect } from '../../support/fixtures.ts';

/** The key of the advisory lock that a paused session waits for. */
const LOCK = 8_246_117;

/** A statement at which a cut-over command waits. */
export interface PausePoint {
  /** Resolves when a command waits at the statement. */
  reached(): Promise<void>;
  /** Resolves when no cut-over command is connected. */
  disconnected(): Promise<void>;
  /** Lets the waiting command and all later ones continue. */
  release(): Promise<void>;
}

/**
 * Pauses before the insert or update of the rows of `table` for which `when` is true of `new`. A table that does not
 * exist yet gets the trigger in the transaction that creates it.
 */
export async function pauseAtRow(db: TestDatabase, table: string, when: string): Promise<PausePoint> {
  const { sql } = db;
  await sql`create schema test_pause`;
  await sql.unsafe(`
    create function test_pause.wait() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${LOCK});
      return new;
    end $$;
    create function test_pause.add_trigger() returns event_trigger language plpgsql as $$
    begin
      if exists (select from pg_event_trigger_ddl_commands() where object_identity = '${table}') then
        create trigger a_test_pause before insert or update on ${table}
        for each row when (${when}) execute function test_pause.wait();
      end if;
    end $$;
    create event trigger test_pause on ddl_command_end when tag in ('CREATE TABLE')
    execute function test_pause.add_trigger()`);
  return createPausePoint(db);
}

/** Pauses before the next DROP SCHEMA. */
export async function pauseAtDropSchema(db: TestDatabase): Promise<PausePoint> {
  await db.sql`create schema test_pause`;
  await db.sql.unsafe(`
    create function test_pause.wait() returns event_trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${LOCK});
    end $$;
    create event trigger test_pause on ddl_command_start when tag in ('DROP SCHEMA') execute function test_pause.wait()`);
  return createPausePoint(db);
}

async function createPausePoint({ sql }: TestDatabase): Promise<PausePoint> {
  const holder = await sql.reserve();
  await holder`select pg_advisory_lock(${LOCK})`;
  const countSessions = async (condition = sql`true`) =>
    (
      await sql`
        select pid from pg_stat_activity
        where datname = current_database() and application_name like 'user-service legacy%' and ${condition}`
    ).length;
  return {
    reached: () =>
      expect
        .poll(() => countSessions(sql`wait_event_type = 'Lock' and wait_event = 'advisory'`), { timeout: 15_000 })
        .toBe(1),
    disconnected: () => expect.poll(() => countSessions(), { timeout: 15_000 }).toBe(0),
    async release() {
      await holder`select pg_advisory_unlock(${LOCK})`;
      holder.release();
    },
  };
}
