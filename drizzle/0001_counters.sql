ALTER TABLE "auth_users" ADD COLUMN "badge_count" integer;--> statement-breakpoint
ALTER TABLE "auth_users" ADD COLUMN "goal_count" integer;--> statement-breakpoint
-- Replicas of version 2.0.0 know no counters. Their writes, and writes by hand, make a counter unknown (null), and the next
-- create counts again. A statement that updates the counter itself sets user_service.writer to 'counting' for its
-- transaction. A later release drops the triggers and the function; drop them before the tables are distributed with Citus.
-- The update has no other condition than the ids: it has to wait for a transaction that counts, whose result it makes
-- unknown. Of "old" and "new", a deletion and an insert have one, and the other is null. A row that is moved to another user
-- has both.
CREATE FUNCTION "public"."forget_counter"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
begin
  if tg_table_name = 'badges' then
    update public.auth_users set badge_count = null where id in (old.auth_user_id, new.auth_user_id);
  else
    update public.auth_users set goal_count = null where id in (old.auth_user_id, new.auth_user_id);
  end if;
  return null;
end $$;
--> statement-breakpoint
CREATE TRIGGER "forget_badge_count" AFTER INSERT OR DELETE OR UPDATE OF "auth_user_id" ON "badges" FOR EACH ROW
WHEN (current_setting('user_service.writer', true) IS DISTINCT FROM 'counting') EXECUTE FUNCTION "public"."forget_counter"();
--> statement-breakpoint
CREATE TRIGGER "forget_goal_count" AFTER INSERT OR DELETE OR UPDATE OF "auth_user_id" ON "learning_goals" FOR EACH ROW
WHEN (current_setting('user_service.writer', true) IS DISTINCT FROM 'counting') EXECUTE FUNCTION "public"."forget_counter"();
