/** A study whose result is a chart and a table of the same values. */
export interface ChartResult {
  name: string;
  title: string;
  x: Axis;
  y: Axis;
  series: Series[];
  /** Sentences about values that the chart does not show. */
  notes: string[];
}

/** A study whose result is a table. */
export interface TableResult {
  name: string;
  title: string;
  /** The first row is the header. */
  rows: string[][];
  /** Sentences about values that the table does not show. */
  notes?: string[];
}

export interface Axis {
  label: string;
  /** Whether the axis is logarithmic. */
  log?: boolean;
}

export interface Series {
  name: string;
  points: Point[];
}

export interface Point {
  x: number;
  y: number;
}

/** Appends a point to the series with this name, and creates the series when it is missing. */
export function addPoint(allSeries: Series[], name: string, point: Point): void {
  const series = allSeries.find((one) => one.name === name);
  if (series === undefined) allSeries.push({ name, points: [point] });
  else series.points.push(point);
}
