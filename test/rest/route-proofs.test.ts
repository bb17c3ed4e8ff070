import { expectTypeOf } from 'vitest';
import type { Authorized, Reader } from '../../src/auth/scopes.ts';
import type { Actor, Owner, Viewer } from '../../src/auth/viewer.ts';
import type { ProofOf } from '../../src/http/rest/access.ts';
import { describe, it } from '../support/fixtures.ts';

describe('the type of the proof that a REST handler passes to a use-case', () => {
  it('follows from the access that the route declares', () => {
    expectTypeOf<ProofOf<{ access: { action: string } }>>().toEqualTypeOf<Owner>();
    expectTypeOf<ProofOf<{ access: { action: string; scope: 'activity:write' } }>>().toEqualTypeOf<
      Actor<'activity:write'>
    >();
    expectTypeOf<ProofOf<{ access: { action: string; requires: 'activity:write' } }>>().toEqualTypeOf<
      Viewer & Authorized<'activity:write'>
    >();
    expectTypeOf<ProofOf<{ access: { private: 'activity:read' } }>>().toEqualTypeOf<Reader<'activity:read'>>();
  });

  it('is no proof for a public route and for a route that declares no access', () => {
    expectTypeOf<ProofOf<{ access: 'public' }>>().toEqualTypeOf<undefined>();
    expectTypeOf<ProofOf<object>>().toEqualTypeOf<unknown>();
  });

  it('is that of one scope or user only', () => {
    expectTypeOf<Owner>().not.toExtend<Actor<'activity:write'>>();
    expectTypeOf<Viewer>().not.toExtend<Owner>();
    expectTypeOf<Reader<'badges:manage'>>().not.toExtend<Reader<'activity:read'>>();
    expectTypeOf<Actor<'streaks:write'>>().not.toExtend<Actor<'activity:write'>>();
  });
});
