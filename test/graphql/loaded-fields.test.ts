import { getNullableType, isIntrospectionType, isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { resolvers } from '../../src/features/registry.ts';
import { hasCost } from '../../src/graphql/demand-control/field-sizes.ts';
import { buildSchema } from '../../src/graphql/schema.ts';

/**
 * The resolvers of these fields return a part of their parent. All others load, and count towards the limit of an
 * operation.
 */
const PARTS_OF_THEIR_PARENT = [
  'Activity.user',
  'ActivityConnection.pageInfo',
  'Badge.user',
  'BadgeBackfillSample.user',
  'BadgeConnection.pageInfo',
  'LearningGoal.user',
  'LearningGoalConnection.pageInfo',
  'Query._service',
  'Query.viewer',
  'User.statistics',
];

describe('the object fields without arguments and @cost', () => {
  it('load nothing', () => {
    const schema = buildSchema(resolvers, { maxEntities: 1000 });
    const types = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type))
      .filter((type) => !isIntrospectionType(type));
    const free = types.flatMap((type) =>
      Object.values(type.getFields())
        .filter(({ resolve, args }) => resolve !== undefined && args.length === 0)
        .filter((field) => isObjectType(getNullableType(field.type)) && !hasCost(field))
        .map(({ name }) => `${type.name}.${name}`),
    );
    expect(free.sort()).toEqual(PARTS_OF_THEIR_PARENT);
  });
});
