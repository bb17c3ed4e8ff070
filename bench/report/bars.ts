import { cpuPerRequest, type WorkloadResult } from '../lib/result.ts';
import { spread } from '../lib/statistics.ts';
import { figure } from '../lib/table.ts';
import { colour, label, line, round, svg } from './svg.ts';

const WIDTH = 720;
const LEFT = 130;
const RIGHT = 90;
const TOP = 44;
const ROW = 26;

/** CPU per request of each server: a bar to the median, and a whisker from the least to the most of the rounds. */
export function barPlot({ title, servers }: WorkloadResult): string {
  const rows = servers.map((result) => ({ name: result.server, ...spread(cpuPerRequest(result)) }));
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(...rows.map(({ max }) => max));
  const parts = rows.flatMap(({ name, median, min, max }, i) => {
    const y = TOP + i * ROW;
    const middle = y + ROW / 2;
    const at = (value: number) => LEFT + value * scale;
    return [
      label({ x: LEFT - 8, y: middle + 4, text: name, anchor: 'end' }),
      `<rect x="${LEFT}" y="${y + 4}" width="${round(median * scale)}" height="${ROW - 8}" rx="2" class="${colour(name === 'service' ? 0 : 5)}"/>`,
      line([at(min), middle], [at(max), middle], 'whisker'),
      label({ x: at(max) + 8, y: middle + 4, text: `${figure(median)} ms` }),
    ];
  });
  const head = label({ x: 8, y: 20, text: title, className: 'title' });
  const unit = label({ x: 8, y: 36, text: 'CPU of the server per request; less is better' });
  return svg({ width: WIDTH, height: TOP + rows.length * ROW + 8, title }, [head, unit, ...parts]);
}
