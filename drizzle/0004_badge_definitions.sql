CREATE TABLE "badge_definition_revision" (
	"id" smallint DEFAULT 1 NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "badge_definition_revision_pkey" PRIMARY KEY("id"),
	CONSTRAINT "badge_definition_revision_id_check" CHECK ("badge_definition_revision"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "badge_definition_versions" (
	"key" text collate "C" NOT NULL,
	"version" integer NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"icon_url" text NOT NULL,
	"rule" text,
	"repeat" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "badge_definition_versions_pkey" PRIMARY KEY("key","version"),
	CONSTRAINT "badge_definition_versions_version_check" CHECK ("badge_definition_versions"."version" >= 1),
	CONSTRAINT "badge_definition_versions_name_check" CHECK (char_length("badge_definition_versions"."name") between 1 and 100),
	CONSTRAINT "badge_definition_versions_description_check" CHECK (char_length("badge_definition_versions"."description") between 1 and 500),
	CONSTRAINT "badge_definition_versions_icon_url_check" CHECK (char_length("badge_definition_versions"."icon_url") between 1 and 500),
	CONSTRAINT "badge_definition_versions_rule_check" CHECK (char_length("badge_definition_versions"."rule") between 2 and 5000),
	CONSTRAINT "badge_definition_versions_repeat_check" CHECK ("badge_definition_versions"."repeat" in ('once', 'weekly', 'monthly', 'per-streak'))
);
--> statement-breakpoint
CREATE TABLE "badge_definitions" (
	"key" text collate "C" NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "badge_definitions_pkey" PRIMARY KEY("key"),
	CONSTRAINT "badge_definitions_key_check" CHECK ("badge_definitions"."key" ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
	CONSTRAINT "badge_definitions_state_check" CHECK ("badge_definitions"."state" in ('draft', 'active', 'locked', 'archived')),
	CONSTRAINT "badge_definitions_version_check" CHECK ("badge_definitions"."version" >= 1)
);
--> statement-breakpoint
ALTER TABLE "badge_definition_versions" ADD CONSTRAINT "badge_definition_versions_key_fkey" FOREIGN KEY ("key") REFERENCES "public"."badge_definitions"("key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
INSERT INTO "badge_definition_revision" ("revision") VALUES (0);
