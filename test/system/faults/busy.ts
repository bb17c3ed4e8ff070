/** Loaded into a service by NODE_OPTIONS, beside its own code: SIGUSR2 blocks its event loop, 1.5 s at a time. */
const BLOCKS = 4;
const BLOCK_MS = 1500;

function block(left: number): void {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
  if (left > 1) setTimeout(block, 20, left - 1);
}

process.on('SIGUSR2', () => block(BLOCKS));
