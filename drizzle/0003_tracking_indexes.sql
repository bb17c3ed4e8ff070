-- concurrently
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "badges_auth_user_id_definition_key_award_key_key" ON "badges" USING btree ("auth_user_id","definition_key","award_key") WHERE "badges"."definition_key" is not null;
--> statement-breakpoint
ALTER TABLE "badges" VALIDATE CONSTRAINT "badges_status_check";
--> statement-breakpoint
ALTER TABLE "badges" VALIDATE CONSTRAINT "badges_definition_check";
--> statement-breakpoint
ALTER TABLE "badges" VALIDATE CONSTRAINT "badges_source_check";
--> statement-breakpoint
ALTER TABLE "learning_goals" VALIDATE CONSTRAINT "learning_goals_target_quantity_check";
--> statement-breakpoint
ALTER TABLE "learning_goals" VALIDATE CONSTRAINT "learning_goals_times_per_week_check";
