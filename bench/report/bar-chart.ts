import { cpuPerRequest, type WorkloadResult } from '../measurement/results.ts';
import { summarize } from '../measurement/statistics.ts';
import { formatNumber } from './format-number.ts';
import { colorClass, label, line, roundCoordinate, svg } from './svg.ts';

const WIDTH = 720;
const LEFT = 130;
const RIGHT = 90;
const TOP = 44;
const ROW_HEIGHT = 26;
const SERVICE_COLOR = 0;
const PEER_COLOR = 5;

/**
 * Draws the CPU time per request of each server: a bar for the median, and a whisker for the extremes of the rounds.
 */
export function barChart({ title, servers }: WorkloadResult): string {
  const rows = servers.map((result) => ({ name: result.server, ...summarize(cpuPerRequest(result)) }));
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(...rows.map(({ max }) => max));
  const parts = rows.flatMap(({ name, median, min, max }, i) => {
    const y = TOP + i * ROW_HEIGHT;
    const middle = y + ROW_HEIGHT / 2;
    const at = (value: number) => LEFT + value * scale;
    const color = colorClass(name === 'service' ? SERVICE_COLOR : PEER_COLOR);
    return [
      label({ x: LEFT - 8, y: middle + 4, text: name, anchor: 'end' }),
      `<rect x="${LEFT}" y="${y + 4}" width="${roundCoordinate(median * scale)}" height="${ROW_HEIGHT - 8}" rx="2" class="${color}"/>`,
      line([at(min), middle], [at(max), middle], 'whisker'),
      label({ x: at(max) + 8, y: middle + 4, text: `${formatNumber(median)} ms` }),
    ];
  });
  const heading = label({ x: 8, y: 20, text: title, className: 'title' });
  const unit = label({ x: 8, y: 36, text: 'CPU time of the server per request; less is better' });
  return svg({ width: WIDTH, height: TOP + rows.length * ROW_HEIGHT + 8, title }, [heading, unit, ...parts]);
}
