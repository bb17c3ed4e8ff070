import { entities } from './limit/entities.ts';
import { restBadges } from './limit/rest-badges.ts';
import { serve } from './limit/serve.ts';

// What is the least that Node can do: each request has a handler of its own, written by hand, and nothing else.
serve({
  operations: { Entities: entities },
  routes: { 'GET badges': restBadges },
});
