import { findPackageJSON } from 'node:module';

/** Completes "... is not installed: ". */
const REMEDY = 'install the development dependencies (npm ci), or build the image with --build-arg INCLUDE=dev';

/** Returns whether a package is installed, without loading it. */
export function isInstalled(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return false;
    throw error;
  }
}

/** Returns the message about a package that is not installed. */
export function notInstalled(name: string): string {
  return `${name} is not installed: ${REMEDY}`;
}
