import { AppError } from '../../errors.ts';
import { alternatives } from '../../lib/alternatives.ts';
import { enumName } from '../../lib/enum-name.ts';
import { FieldReader } from '../../lib/field-reader.ts';
import { type BadgeContent, readBadgeFields } from '../badges/badge.ts';
import { type ConditionKind, conditionsOf, DEFINITION_KEY, kindOf, type Rule, readRule } from './rule.ts';

export const DEFINITION_STATES = ['draft', 'active', 'locked', 'archived'] as const;
type DefinitionState = (typeof DEFINITION_STATES)[number];

export const REPEATS = ['once', 'weekly', 'monthly', 'per-streak'] as const;
export type Repeat = (typeof REPEATS)[number];

/** The form of the award keys of `per-streak`, as a regular expression of JavaScript and PostgreSQL. */
export const RUN_KEY = '^run:[0-9]{4}-[0-9]{2}-[0-9]{2}$';

/** The definition of a badge that users earn, or that is awarded by hand. */
export interface BadgeDefinition extends BadgeContent {
  key: string;
  state: DefinitionState;
  /** Starts at 1; each change of the content increments it, and a change of the state does not. */
  version: number;
  /** Null for a badge that is only awarded by hand. */
  rule: Rule | null;
  repeat: Repeat;
}

export type RuledDefinition = BadgeDefinition & { rule: Rule };

export function hasRule(definition: BadgeDefinition): definition is RuledDefinition {
  return definition.rule !== null;
}

/** The fields of a definition that a version fixes. */
export type DefinitionContent = Pick<BadgeDefinition, 'name' | 'description' | 'iconUrl' | 'rule' | 'repeat'>;

/** A definition's fields as a client sends them, with null where the client sent null. */
export type DefinitionInput = {
  [Field in Exclude<keyof DefinitionContent, 'rule'> | 'state']?: BadgeDefinition[Field] | null | undefined;
} & { rule?: unknown };

/** The fields that an input sets. */
type DefinitionChange = Partial<DefinitionContent & Pick<BadgeDefinition, 'state'>>;

/** Completes "Not authorized to ...". */
export const MANAGE_DEFINITIONS = 'manage badge definitions';

/** The states that follow each state. */
const TRANSITIONS: Readonly<Record<DefinitionState, readonly DefinitionState[]>> = {
  draft: ['active', 'archived'],
  active: ['locked', 'archived'],
  locked: ['active', 'archived'],
  archived: [],
};

/** The states in which a definition can be created. */
const INITIAL_STATES: readonly DefinitionState[] = ['draft', 'active'];

/** The conditions that a repeat excludes: their numbers are not those of a week or month. */
const EXCLUDED_CONDITIONS: Readonly<Record<Repeat, readonly ConditionKind[]>> = {
  once: [],
  weekly: ['streak', 'goalsCompleted', 'badge'],
  monthly: ['streak', 'goalsCompleted', 'badge'],
  'per-streak': [],
};

const CONTENT = ['name', 'description', 'iconUrl', 'rule', 'repeat'] as const;
const REQUIRED = ['name', 'description', 'iconUrl', 'repeat', 'state'] as const;

/** A new definition as a client sends it. */
export type NewDefinitionInput = DefinitionInput & BadgeContent & { key: string };

/**
 * Returns a new definition: a draft that is awarded once, unless the input says otherwise.
 * @throws BAD_USER_INPUT naming every invalid field
 */
export function readNewDefinition(input: NewDefinitionInput): BadgeDefinition {
  const { key, name, description, iconUrl } = input;
  const fields = new FieldReader();
  fields.require(DEFINITION_KEY.test(key), 'key', `must match ${DEFINITION_KEY.source}`);
  const isInitial = input.state == null || INITIAL_STATES.includes(input.state);
  fields.require(isInitial, 'state', 'of a new badge definition must be DRAFT or ACTIVE');
  const defaults = { key, name, description, iconUrl, state: 'draft', version: 1, rule: null, repeat: 'once' } as const;
  const definition: BadgeDefinition = { ...defaults, ...readChange(fields, input) };
  fields.collect(() => requireRepeatable(definition));
  fields.throwIfInvalid();
  return definition;
}

/**
 * Returns the fields that an update sets. Fields that are absent from the input are absent from the result.
 * @throws BAD_USER_INPUT naming every invalid field; only `rule` may be null
 */
export function readDefinitionChange(input: DefinitionInput): DefinitionChange {
  const fields = new FieldReader();
  const change = readChange(fields, input);
  fields.throwIfInvalid();
  return change;
}

/**
 * Returns the definition with the change made: with the next version when its content changes, and the same object when
 * nothing changes.
 * @throws CONFLICT for a state that does not follow, and for an archived definition; BAD_USER_INPUT for a rule that the
 * repeat excludes
 */
export function changeDefinition(definition: BadgeDefinition, change: DefinitionChange): BadgeDefinition {
  const changed = { ...definition, ...change };
  const hasOtherContent = CONTENT.some((field) => !isSame(changed[field], definition[field]));
  if (!hasOtherContent && changed.state === definition.state) return definition;
  requireTransition(definition.state, changed.state);
  if (!hasOtherContent) return changed;
  requireRepeatable(changed);
  return { ...changed, version: definition.version + 1 };
}

/**
 * Returns the key of a definition.
 * @throws BAD_USER_INPUT naming `field`
 */
export function requireDefinitionKey(field: string, text: string): string {
  const fields = new FieldReader();
  fields.require(DEFINITION_KEY.test(text), field, `must match ${DEFINITION_KEY.source}`);
  fields.throwIfInvalid();
  return text;
}

export function definitionNotFound(): AppError {
  return new AppError('NOT_FOUND', 'Badge definition not found');
}

/**
 * Returns whether the definition of this key would ask for its own badge, directly or through other definitions.
 * @param badgeKeys the definitions that each rule asks for, by the key of the rule's definition
 */
export function isCyclic(key: string, badgeKeys: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const seen = new Set<string>();
  const pending = [...(badgeKeys.get(key) ?? [])];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next === key) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...(badgeKeys.get(next) ?? []));
  }
  return false;
}

/** Records the problems of all fields. */
function readChange(fields: FieldReader, input: DefinitionInput): DefinitionChange {
  const { repeat, state, rule } = input;
  const content = readBadgeFields(fields, input);
  for (const field of REQUIRED) fields.require(input[field] !== null, field, 'must not be null');
  const rules = rule == null ? null : (fields.collect(() => readRule(rule)) ?? null);
  return {
    ...content,
    ...(rule !== undefined && { rule: rules }),
    ...(repeat != null && { repeat }),
    ...(state != null && { state }),
  };
}

/** Returns whether two values are equal. Equal rules have equal JSON, because `readRule` orders their members. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function requireTransition(from: DefinitionState, to: DefinitionState): void {
  if (from === 'archived') {
    throw new AppError('CONFLICT', 'The badge definition is archived, which is final', { field: 'state' });
  }
  if (from === to || TRANSITIONS[from].includes(to)) return;
  const change = `Invalid state transition from ${enumName(from)} to ${enumName(to)}`;
  const expected = alternatives(TRANSITIONS[from].map(enumName));
  throw new AppError('CONFLICT', `${change}: expected ${expected}`, { field: 'state' });
}

function requireRepeatable({ rule, repeat }: DefinitionContent): void {
  const excluded = (rule === null ? [] : conditionsOf(rule))
    .map(kindOf)
    .find((kind) => EXCLUDED_CONDITIONS[repeat].includes(kind));
  const fields = new FieldReader();
  fields.require(
    excluded === undefined,
    'rule',
    `must not contain ${excluded} when the badge repeats ${enumName(repeat)}`,
  );
  fields.throwIfInvalid();
}
