import type { TestDatabase } from '../../support/database.ts';
import { expect } from '../../support/fixtures.ts';

const LOCK = 8_246_117;

/** A place at which a command waits until it is let through. */
export interface Gate {
  /** Settles when somebody stands before it. */
  reached(): Promise<void>;
  /** Settles when nobody is connected any more but the test. */
  deserted(): Promise<void>;
  /** Lets everybody through, from now on. */
  open(): Promise<void>;
}

/**
 * Shuts a gate before the insert or update of those rows of `table` for which `when` is true of `new`. The table need not
 * be there yet: the gate comes to be with it, in the same transaction.
 */
export async function shutGate(db: TestDatabase, table: string, when: string): Promise<Gate> {
  const { sql } = db;
  await sql`create schema test_gate`;
  await sql.unsafe(`
    create function test_gate.wait() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${LOCK});
      return new;
    end $$;
    create function test_gate.build() returns event_trigger language plpgsql as $$
    begin
      if exists (select from pg_event_trigger_ddl_commands() where object_identity = '${table}') then
        create trigger a_gate before insert or update on ${table}
        for each row when (${when}) execute function test_gate.wait();
      end if;
    end $$;
    create event trigger test_gate on ddl_command_end when tag in ('CREATE TABLE') execute function test_gate.build()`);
  return gateOf(db);
}

/** Shuts a gate before the first schema that is dropped. */
export async function shutGateAtDrop(db: TestDatabase): Promise<Gate> {
  await db.sql`create schema test_gate`;
  await db.sql.unsafe(`
    create function test_gate.wait() returns event_trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(${LOCK});
    end $$;
    create event trigger test_gate on ddl_command_start when tag in ('DROP SCHEMA') execute function test_gate.wait()`);
  return gateOf(db);
}

async function gateOf({ sql }: TestDatabase): Promise<Gate> {
  const holder = await sql.reserve();
  await holder`select pg_advisory_lock(${LOCK})`;
  const sessions = async (condition = sql`true`) =>
    (
      await sql`
        select pid from pg_stat_activity
        where datname = current_database() and application_name like 'user-service legacy%' and ${condition}`
    ).length;
  return {
    reached: () =>
      expect
        .poll(() => sessions(sql`wait_event_type = 'Lock' and wait_event = 'advisory'`), { timeout: 15_000 })
        .toBe(1),
    deserted: () => expect.poll(() => sessions(), { timeout: 15_000 }).toBe(0),
    async open() {
      await holder`select pg_advisory_unlock(${LOCK})`;
      holder.release();
    },
  };
}
