/**
 * Runs a wait for another request of the same user, or for the auth-service. Load shedding does not take its time for
 * slowness of this service.
 */
export type ExcludeWait = <Result>(wait: () => Promise<Result>) => Promise<Result>;
