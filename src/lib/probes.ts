const ROUTES: ReadonlySet<string | undefined> = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * Returns whether the requests of a route are those of probes and scrapers, which have no span and no line at `info`.
 */
export function isProbe(route: string | undefined): boolean {
  return ROUTES.has(route);
}
