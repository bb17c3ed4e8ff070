import type { Axis, Point, Study } from '../lib/study.ts';
import { figure } from '../lib/table.ts';
import { colour, label, line, round, svg } from './svg.ts';

const WIDTH = 720;
const HEIGHT = 360;
const AREA = { left: 70, right: 560, top: 54, bottom: 310 };
const TICKS = 5;

interface Scale {
  at(value: number): number;
  ticks: number[];
}

/** A study's lines over axes that may be logarithmic. */
export function linePlot({ title, x, y, lines }: Study): string {
  const points = lines.flatMap((one) => one.points);
  const across = scale(
    x,
    points.map((point) => point.x),
    [AREA.left, AREA.right],
  );
  const upwards = scale(y, [...points.map((point) => point.y), ...(y.log ? [] : [0])], [AREA.bottom, AREA.top]);
  return svg({ width: WIDTH, height: HEIGHT, title }, [
    label({ x: 8, y: 20, text: title, className: 'title' }),
    label({ x: 8, y: 36, text: y.label }),
    label({ x: (AREA.left + AREA.right) / 2, y: HEIGHT - 12, text: x.label, anchor: 'middle' }),
    ...upwards.ticks.flatMap((tick) => [
      line([AREA.left, upwards.at(tick)], [AREA.right, upwards.at(tick)], 'grid'),
      label({ x: AREA.left - 8, y: upwards.at(tick) + 4, text: short(tick), anchor: 'end' }),
    ]),
    ...across.ticks.map((tick) =>
      label({ x: across.at(tick), y: AREA.bottom + 18, text: short(tick), anchor: 'middle' }),
    ),
    ...lines.flatMap(({ name, points: own }, i) => drawLine(own, { name, i, across, upwards })),
  ]);
}

interface Drawing {
  name: string;
  i: number;
  across: Scale;
  upwards: Scale;
}

function drawLine(points: readonly Point[], { name, i, across, upwards }: Drawing): string[] {
  const places = points.map(({ x, y }) => `${round(across.at(x))},${round(upwards.at(y))}`);
  const key = AREA.top + 10 + i * 20;
  return [
    `<polyline points="${places.join(' ')}" class="line ${colour(i)}"/>`,
    `<rect x="${AREA.right + 16}" y="${key - 9}" width="10" height="10" rx="2" class="${colour(i)}"/>`,
    label({ x: AREA.right + 32, y: key, text: name }),
  ];
}

function scale({ log = false }: Axis, values: readonly number[], [from, to]: [number, number]): Scale {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const place = (value: number) => (log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min));
  return { at: (value) => from + place(value) * (to - from), ticks: log ? powers(min, max) : steps(min, max) };
}

/** 1, 10, 100 and so on; where those are few, with 2 and 5 between them. */
function powers(min: number, max: number): number[] {
  const exponents = Array.from({ length: 24 }, (_, i) => i - 12);
  const within = (factors: number[]) =>
    exponents
      .flatMap((e) => factors.map((f) => f * 10 ** e))
      .filter((tick) => tick >= min * 0.999 && tick <= max * 1.001);
  const [tens, more] = [within([1]), within([1, 2, 5])];
  return tens.length < 3 ? more : tens;
}

function steps(min: number, max: number): number[] {
  const rough = (max - min) / TICKS;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((f) => f * unit >= rough) ?? 10) * unit;
  const first = Math.ceil(min / step);
  const last = Math.floor(max / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 10_000) return `${value / 1e3}k`;
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : figure(value).replace(/\.?0+$/, '');
}
