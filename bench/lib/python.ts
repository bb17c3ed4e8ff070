import { spawnSync } from 'node:child_process';

const INTERPRETERS = ['python3', '/usr/bin/python3'];
const NEEDED = 'import asyncpg, fastapi, sqlalchemy, uvicorn';
const VERSIONS = `${NEEDED}, platform; print("Python", platform.python_version() + ", FastAPI", fastapi.__version__ + \
", SQLAlchemy", sqlalchemy.__version__)`;

/** The first Python that has what the FastAPI peer needs. */
export function findPython(): { path: string; versions: string } | undefined {
  for (const path of INTERPRETERS) {
    const { status, stdout } = spawnSync(path, ['-c', VERSIONS], { encoding: 'utf8' });
    if (status === 0) return { path, versions: stdout.trim() };
  }
  return undefined;
}
