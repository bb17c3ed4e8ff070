import type { Axis, ChartResult, Point } from '../studies/study.ts';
import { formatNumber } from './format-number.ts';
import { colorClass, label, line, roundCoordinate, svg } from './svg.ts';

const WIDTH = 720;
const HEIGHT = 360;
const AREA = { left: 70, right: 560, top: 54, bottom: 310 };
/** The desired number of steps of a linear axis. */
const LINEAR_STEPS = 5;

interface Scale {
  /** Returns the coordinate of a value. */
  at(value: number): number;
  ticks: number[];
}

/** Draws the series of a study. Each axis is linear or logarithmic. */
export function lineChart({ title, x, y, series }: ChartResult): string {
  const points = series.flatMap((one) => one.points);
  const xScale = createScale(
    x,
    points.map((point) => point.x),
    [AREA.left, AREA.right],
  );
  const yScale = createScale(y, [...points.map((point) => point.y), ...(y.log ? [] : [0])], [AREA.bottom, AREA.top]);
  return svg({ width: WIDTH, height: HEIGHT, title }, [
    label({ x: 8, y: 20, text: title, className: 'title' }),
    label({ x: 8, y: 36, text: y.label }),
    label({ x: (AREA.left + AREA.right) / 2, y: HEIGHT - 12, text: x.label, anchor: 'middle' }),
    ...yScale.ticks.flatMap((tick) => [
      line([AREA.left, yScale.at(tick)], [AREA.right, yScale.at(tick)], 'grid'),
      label({ x: AREA.left - 8, y: yScale.at(tick) + 4, text: tickLabel(tick), anchor: 'end' }),
    ]),
    ...xScale.ticks.map((tick) =>
      label({ x: xScale.at(tick), y: AREA.bottom + 18, text: tickLabel(tick), anchor: 'middle' }),
    ),
    ...series.flatMap(({ name, points: own }, index) => drawSeries(own, { name, index, xScale, yScale })),
  ]);
}

interface SeriesOptions {
  name: string;
  index: number;
  xScale: Scale;
  yScale: Scale;
}

function drawSeries(points: readonly Point[], { name, index, xScale, yScale }: SeriesOptions): string[] {
  const coordinates = points.map(({ x, y }) => `${roundCoordinate(xScale.at(x))},${roundCoordinate(yScale.at(y))}`);
  const legendY = AREA.top + 10 + index * 20;
  return [
    `<polyline points="${coordinates.join(' ')}" class="line ${colorClass(index)}"/>`,
    `<rect x="${AREA.right + 16}" y="${legendY - 9}" width="10" height="10" rx="2" class="${colorClass(index)}"/>`,
    label({ x: AREA.right + 32, y: legendY, text: name }),
  ];
}

function createScale({ log = false }: Axis, values: readonly number[], [from, to]: [number, number]): Scale {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const share = (value: number) => (log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min));
  return { at: (value) => from + share(value) * (to - from), ticks: log ? logTicks(min, max) : linearTicks(min, max) };
}

/** Returns the powers of ten, and also their multiples by 2 and 5 when there are fewer than three. */
function logTicks(min: number, max: number): number[] {
  const exponents = Array.from({ length: 24 }, (_, i) => i - 12);
  const ticksOf = (factors: number[]) =>
    exponents
      .flatMap((exponent) => factors.map((factor) => factor * 10 ** exponent))
      .filter((tick) => tick >= min * 0.999 && tick <= max * 1.001);
  const powersOfTen = ticksOf([1]);
  return powersOfTen.length < 3 ? ticksOf([1, 2, 5]) : powersOfTen;
}

function linearTicks(min: number, max: number): number[] {
  const minStep = (max - min) / LINEAR_STEPS;
  const unit = 10 ** Math.floor(Math.log10(minStep));
  const step = ([1, 2, 5, 10].find((factor) => factor * unit >= minStep) ?? 10) * unit;
  const first = Math.ceil(min / step);
  const last = Math.floor(max / step);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function tickLabel(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 10_000) return `${value / 1e3}k`;
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return formatNumber(value).replace(/\.?0+$/, '');
}
