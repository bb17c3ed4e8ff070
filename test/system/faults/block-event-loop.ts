/** Preloaded by NODE_OPTIONS: SIGALRM blocks the event loop four times for 1.5 s. */
const BLOCKS = 4;
const BLOCK_MS = 1500;
/** Time for one iteration of the event loop, below the resolution of its delay: short delays would lower the mean. */
const PAUSE_MS = 2;

function block(left: number): void {
  const end = performance.now() + BLOCK_MS;
  while (performance.now() < end);
  if (left > 1) setTimeout(block, PAUSE_MS, left - 1);
}

process.on('SIGALRM', () => block(BLOCKS));
