import { type Static, Type } from 'typebox';
import { idSchema, instantSchema, textSchema, UserIdResponse, UserParams } from '../../http/rest/schemas.ts';
import { toFields } from '../../lib/members.ts';
import { BADGE_RULES, type BadgeContent } from './badge.ts';
import { MEMBERS } from './response.ts';

const NAME = { description: 'The name, in one line.', examples: ['Polyglot'] };
const DESCRIPTION = { description: 'The description.', examples: ['Lessons in three languages'] };
const ICON_URL = {
  description:
    'The icon: an http(s) URL, or a path that starts with one slash; 1 to 500 characters, without white space and backslashes.',
  examples: ['/icons/polyglot.svg'],
};

export const BadgeResponse = Type.Object(
  {
    id: idSchema("The badge's id.", 12),
    name: Type.String(NAME),
    description: Type.String(DESCRIPTION),
    icon_url: Type.String(ICON_URL),
    date_achieved: instantSchema(
      'The time at which the badge was achieved: when the deciding activity, goal or badge completed the rule. For other badges, it is the given time or that of the creation.',
      '2026-11-23T20:48:05.907Z',
    ),
    auth_user_id: UserIdResponse,
  },
  { title: 'Badge', description: 'A badge of a user.' },
);

export const BadgeParams = Type.Object({
  ...UserParams.properties,
  badge_id: idSchema('The id of a badge of the user.', 1),
});

export const CreateBadgeBody = Type.Object(
  {
    name: textSchema(BADGE_RULES.name, NAME),
    description: textSchema(BADGE_RULES.description, DESCRIPTION),
    icon_url: textSchema(BADGE_RULES.iconUrl, ICON_URL),
  },
  { additionalProperties: false, title: 'NewBadge', description: 'A badge to create.' },
);

export function toBadgeContent(body: Static<typeof CreateBadgeBody>): BadgeContent {
  return toFields(MEMBERS, body);
}
