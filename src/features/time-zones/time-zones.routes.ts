import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyInstance } from 'fastify';
import { operation } from '../../http/rest/operation.ts';
import { UserParams } from '../../http/rest/schemas.ts';
import { SET_TIME_ZONE, setTimeZone } from './set-time-zone.ts';
import { TimeZoneBody, TimeZoneResponse } from './time-zone.schema.ts';

const set = operation({
  operationId: 'setTimeZone',
  tag: 'users',
  summary: "Set a user's time zone from now on",
  description: 'Dates of earlier activities stay. The zone may change 4 times in 7 days.',
  access: { action: SET_TIME_ZONE },
  params: UserParams,
  body: TimeZoneBody,
  success: { schema: TimeZoneResponse, description: 'The time zone in force.' },
});

export async function timeZonesRoutes(rest: FastifyInstance): Promise<void> {
  const typed = rest.withTypeProvider<TypeBoxTypeProvider>();
  typed.put('/:auth_user_id/timezone', set, async ({ context, proof: owner, body }) => ({
    time_zone: await setTimeZone(context, owner, body.time_zone),
  }));
}
