import { spawnSync } from 'node:child_process';

const INTERPRETERS = ['python3', '/usr/bin/python3'];
const IMPORTS = 'import asyncpg, fastapi, sqlalchemy, uvicorn';
const PRINT_VERSIONS = `${IMPORTS}, platform; print("Python", platform.python_version() + ", FastAPI", \
fastapi.__version__ + ", SQLAlchemy", sqlalchemy.__version__)`;

/** Returns the first Python interpreter that has the packages of the FastAPI server. */
export function findPython(): { path: string; versions: string } | undefined {
  for (const path of INTERPRETERS) {
    const { status, stdout } = spawnSync(path, ['-c', PRINT_VERSIONS], { encoding: 'utf8' });
    if (status === 0) return { path, versions: stdout.trim() };
  }
  return undefined;
}
