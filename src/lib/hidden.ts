/**
 * The result of a reference resolver for an entity that the viewer may not see, or that does not exist. The entity is
 * null without an error, so that both cases look the same. It has the type of an absent entity.
 */
export const HIDDEN = Symbol('hidden') as unknown as null;
