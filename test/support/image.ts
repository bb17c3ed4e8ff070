import { readFileSync } from 'node:fs';
import { environmentOf, parseDockerfile } from '../project/dockerfile.ts';

/** The memory of a replica's container, in MB: docs/DEPLOYMENT.md. */
export const CONTAINER_MB = 768;

/** The image's NODE_OPTIONS, with its heap limit: a test of memory runs the service with them. */
export const { NODE_OPTIONS = '' } = environmentOf(
  parseDockerfile(readFileSync('Dockerfile', 'utf8')),
  'production',
  '/app',
);
