/** The fields of the type Mutation, sorted. */
export const MUTATIONS = [
  'awardBadge',
  'cancelExcusedDates',
  'createBadge',
  'createBadgeDefinition',
  'createGoal',
  'deleteGoal',
  'excuseDates',
  'recordActivities',
  'recordActivity',
  'reinstateBadge',
  'revokeBadge',
  'setTimeZone',
  'startBadgeBackfill',
  'updateBadgeDefinition',
  'updateGoal',
  'voidActivity',
];
