/** Returns an SVG image whose colors follow the light or dark mode of the reader. */
export function svg(
  { width, height, title }: { width: number; height: number; title: string },
  parts: string[],
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escapeText(title)}</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .ground { fill: #ffffff; }
  .title { font-weight: 600; font-size: 14px; }
  .grid { stroke: #8c959f55; }
  .whisker { stroke: #24292f; stroke-width: 1.5; }
${COLORS.map(({ light }, i) => `  .c${i} { stroke: ${light}; fill: ${light}; }`).join('\n')}
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; }
    text { fill: #e6edf3; }
    .whisker { stroke: #e6edf3; }
${COLORS.map(({ dark }, i) => `    .c${i} { stroke: ${dark}; fill: ${dark}; }`).join('\n')}
  }
  .line { fill: none; stroke-width: 2; }
</style>
<rect width="${width}" height="${height}" class="ground"/>
${parts.join('\n')}
</svg>
`;
}

/** The service is the first series of each chart, so it has the same color in all of them. */
const COLORS = [
  { light: '#0969da', dark: '#58a6ff' },
  { light: '#1a7f37', dark: '#3fb950' },
  { light: '#bc4c00', dark: '#f0883e' },
  { light: '#8250df', dark: '#bc8cff' },
  { light: '#bf3989', dark: '#f778ba' },
  { light: '#57606a', dark: '#8b949e' },
];

export function colorClass(index: number): string {
  return `c${index % COLORS.length}`;
}

interface Label {
  x: number;
  y: number;
  text: string;
  anchor?: 'start' | 'middle' | 'end';
  className?: string;
}

export function label({ x, y, text, anchor = 'start', className = '' }: Label): string {
  return `<text x="${roundCoordinate(x)}" y="${roundCoordinate(y)}" text-anchor="${anchor}" class="${className}">${escapeText(text)}</text>`;
}

export function line(from: [number, number], to: [number, number], className: string): string {
  const [[x1, y1], [x2, y2]] = [from.map(roundCoordinate), to.map(roundCoordinate)] as [number[], number[]];
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${className}"/>`;
}

export function roundCoordinate(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll('`', '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
