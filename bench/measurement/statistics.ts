interface Distribution {
  median: number;
  min: number;
  max: number;
}

export function summarize(values: readonly number[]): Distribution {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), min: sorted.at(0) ?? 0, max: sorted.at(-1) ?? 0 };
}

export function median(values: readonly number[]): number {
  return summarize(values).median;
}

/** Interpolates between the two nearest values. */
function quantile(sorted: readonly number[], share: number): number {
  const index = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(index)] ?? 0, sorted[Math.ceil(index)] ?? 0];
  return low + (high - low) * (index - Math.floor(index));
}
