/** How something changes as something else grows: a plot, and a table of the same. */
export interface Study {
  name: string;
  title: string;
  x: Axis;
  y: Axis;
  lines: Line[];
  /** What the plot does not show, in sentences. */
  facts: string[];
}

export interface Axis {
  label: string;
  /** Logarithmic, from the first value to the last. */
  log?: boolean;
}

export interface Line {
  name: string;
  points: Point[];
}

export interface Point {
  x: number;
  y: number;
}

/** Appends a point to the line of this name. */
export function addPoint(lines: Line[], name: string, point: Point): void {
  const line = lines.find((one) => one.name === name);
  if (line === undefined) lines.push({ name, points: [point] });
  else line.points.push(point);
}
