import { readFileSync } from 'node:fs';
import { environmentOf, lastInstruction, parseDockerfile, parseExecForm } from '../project/dockerfile.ts';

/** The memory of a replica's container, in MB: docs/DEPLOYMENT.md. */
export const CONTAINER_MB = 768;

const stages = parseDockerfile(readFileSync('Dockerfile', 'utf8'));

/** The image's NODE_OPTIONS, with its heap limit: a test of memory runs the service with them. */
export const { NODE_OPTIONS = '' } = environmentOf(stages, 'production', '/app');

/** The arguments of `node` in the image: the options that only the command line accepts, and the program. */
export const NODE_ARGUMENTS = parseExecForm(lastInstruction(stages, 'production', 'CMD') ?? '').slice(1);
