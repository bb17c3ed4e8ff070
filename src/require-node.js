// Runs before `npm start`, `npm run db:migrate`, `npm run db:verify` and `npm run legacy`, in JavaScript because an old
// Node cannot read the TypeScript of those programs.
const REQUIRED_MAJOR = 24;

const { node } = process.versions;
if (Number.parseInt(node, 10) < REQUIRED_MAJOR) {
  process.stderr.write(`user-service needs Node ${REQUIRED_MAJOR} or newer, and this is Node ${node}.\n`);
  process.exitCode = 1;
}
