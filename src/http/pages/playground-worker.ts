import { parentPort, workerData } from 'node:worker_threads';
import { renderPlayground } from './playground-content.ts';

const content = await renderPlayground(workerData);
parentPort?.postMessage(content, [content.html.buffer]);
