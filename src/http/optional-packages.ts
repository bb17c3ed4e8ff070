import { findPackageJSON } from 'node:module';

/** Completes "... is not installed: ". */
const REMEDY = 'install the development dependencies (npm ci), or build the image with --build-arg INCLUDE=dev';

/** Returns the result of `load`, or undefined if the package that it imports is not installed. */
export async function importOptional<Module>(load: () => Promise<Module>): Promise<Module | undefined> {
  return load().catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

/** Returns whether a package is installed, without loading it. */
export function isInstalled(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Returns the message about a package that is not installed. */
export function notInstalled(name: string): string {
  return `${name} is not installed: ${REMEDY}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
