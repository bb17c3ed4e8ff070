import { connection } from './limit/connection.ts';
import { createBadge, restCreateBadge } from './limit/create-badge.ts';
import { entities } from './limit/entities.ts';
import { restBadges } from './limit/rest-badges.ts';
import { restProfile } from './limit/rest-profile.ts';
import { serve } from './limit/serve.ts';

// What is the least that Node can do: each request has a handler of its own, written by hand, and nothing else.
serve({
  operations: { Entities: entities, Connection: connection, CreateBadge: createBadge },
  routes: { 'GET badges': restBadges, 'GET profile': restProfile, 'POST badges': restCreateBadge },
});
