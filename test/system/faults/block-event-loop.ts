/** Preloaded by NODE_OPTIONS: SIGALRM blocks the event loop four times for 1.5 s. */
const BLOCKS = 4;
const BLOCK_MS = 1500;

function block(left: number): void {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
  if (left > 1) setTimeout(block, 20, left - 1);
}

process.on('SIGALRM', () => block(BLOCKS));
