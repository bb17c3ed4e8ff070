/** An activity as the naive recount knows it. All dates are in UTC. */
export interface CountedActivity {
  verb: string;
  quantity: number;
  objectId?: string;
  occurredAt: string;
}

/** A rule as clients send it. */
export type RuleInput =
  | { all: RuleInput[] }
  | { any: RuleInput[] }
  | { count: { verb: string; gte: number; distinct?: string } }
  | { sum: { verb: string; gte: number } }
  | { streak: { gte: number } };

const DAY_MS = 86_400_000;

const dateOf = ({ occurredAt }: CountedActivity) => occurredAt.slice(0, 10);
const dayBefore = (date: string) => new Date(Date.parse(date) - DAY_MS).toISOString().slice(0, 10);

/** Returns the first date of the run of consecutive dates to which the date belongs. */
function runStart(dates: ReadonlySet<string>, date: string): string {
  return dates.has(dayBefore(date)) ? runStart(dates, dayBefore(date)) : date;
}

function longestRun(dates: ReadonlySet<string>): number {
  const lengths = [...dates].map((date) => 1 + (Date.parse(date) - Date.parse(runStart(dates, date))) / DAY_MS);
  return Math.max(0, ...lengths);
}

function holds(rule: RuleInput, activities: readonly CountedActivity[]): boolean {
  if ('all' in rule) return rule.all.every((part) => holds(part, activities));
  if ('any' in rule) return rule.any.some((part) => holds(part, activities));
  if ('streak' in rule) return longestRun(new Set(activities.map(dateOf))) >= rule.streak.gte;
  const { verb, gte } = 'sum' in rule ? rule.sum : rule.count;
  const counted = activities.filter((activity) => activity.verb === verb);
  if ('sum' in rule) return counted.reduce((sum, { quantity }) => sum + quantity, 0) >= gte;
  const { distinct } = rule.count;
  if (distinct === 'date') return new Set(counted.map(dateOf)).size >= gte;
  if (distinct === undefined) return counted.length >= gte;
  return new Set(counted.flatMap(({ objectId }) => objectId ?? [])).size >= gte;
}

/** Returns the Monday of the ISO week, which is as good a name of the week as its number. */
export function mondayOf(date: string): string {
  return new Date(date).getUTCDay() === 1 ? date : mondayOf(dayBefore(date));
}

/**
 * Returns the awards of a history: one activity after the other, in the order of time, the rule is evaluated over all
 * activities of its period so far. The key of a week is its Monday.
 */
export function recount(rule: RuleInput, repeat: string, history: readonly CountedActivity[]): Record<string, string> {
  const awards: Record<string, string> = {};
  const sorted = history.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : 1));
  for (const [index, activity] of sorted.entries()) {
    const soFar = sorted.slice(0, index + 1);
    const start = runStart(new Set(soFar.map(dateOf)), dateOf(activity));
    const periods: Record<string, [key: string, includes: (date: string) => boolean]> = {
      ONCE: ['', () => true],
      WEEKLY: [mondayOf(dateOf(activity)), (date) => mondayOf(date) === mondayOf(dateOf(activity))],
      MONTHLY: [dateOf(activity).slice(0, 7), (date) => date.slice(0, 7) === dateOf(activity).slice(0, 7)],
      PER_STREAK: [`run:${start}`, (date) => date >= start],
    };
    const [key, includes] = periods[repeat] ?? ['', () => false];
    const isEarned = holds(
      rule,
      soFar.filter((one) => includes(dateOf(one))),
    );
    if (isEarned) awards[key] ??= activity.occurredAt;
  }
  return awards;
}
