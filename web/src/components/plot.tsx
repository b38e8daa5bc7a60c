/**
 * Small plots of series over time, as SVG. What they show is also said in words (`summary`), and the last values stand beside the lines' names.
 */
import './plot.css';

export interface Series {
  readonly name: string;
  /** Oldest first; undefined where nothing is known. */
  readonly values: readonly (number | undefined)[];
}

export interface PlotProps {
  readonly title: string;
  readonly series: readonly Series[];
  /** How a value is written: `12 ms`. */
  readonly format: (value: number) => string;
  readonly heightPx?: number;
  /** Of the first and the last values, below the plot. */
  readonly from?: string;
  readonly to?: string;
}

const WIDTH = 300;

export function Plot({ title, series, format, heightPx = 96, from, to }: PlotProps) {
  const known = series.flatMap(({ values }) => values.filter((value) => value !== undefined));
  const highest = Math.max(0, ...known);
  const top = roundUp(highest);
  const summary = series.map(({ name, values }) => `${name}: ${lastText(values, format)}`).join(', ');
  return (
    <figure class="plot">
      <figcaption class="plot-header">
        <span class="plot-title">{title}</span>
        <span class="plot-legend">
          {series.map(({ name, values }, at) => (
            <span key={name} class={`plot-name plot-${(at % 4) + 1}`}>
              {series.length > 1 && <span class="plot-key">{name}</span>}
              <strong>{lastText(values, format)}</strong>
            </span>
          ))}
        </span>
      </figcaption>
      <div class="plot-area">
        <svg
          viewBox={`0 0 ${WIDTH} ${heightPx}`}
          height={heightPx}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}. ${summary}`}
        >
          <line class="plot-grid" x1="0" x2={WIDTH} y1="1" y2="1" />
          <line class="plot-grid" x1="0" x2={WIDTH} y1={heightPx / 2} y2={heightPx / 2} />
          <line class="plot-grid" x1="0" x2={WIDTH} y1={heightPx - 1} y2={heightPx - 1} />
          {series.map(({ name, values }, at) => (
            <g key={name} class={`plot-${(at % 4) + 1}`}>
              <path class="plot-line" d={lineOf(values, top, heightPx)} />
              <path class="plot-dots" d={dotsOf(values, top, heightPx)} />
            </g>
          ))}
        </svg>
        {known.length === 0 ? <span class="plot-none">Nothing yet</span> : <span class="plot-top">{format(top)}</span>}
      </div>
      {(from !== undefined || to !== undefined) && (
        <div class="plot-times">
          <span>{from}</span>
          <span>{to}</span>
        </div>
      )}
    </figure>
  );
}

function lastText(values: Series['values'], format: (value: number) => string): string {
  const last = values.findLast((value) => value !== undefined);
  return last === undefined ? '–' : format(last);
}

function placeOf(values: Series['values'], at: number, top: number, heightPx: number): string {
  const x = (at * WIDTH) / Math.max(1, values.length - 1);
  const y = heightPx - 2 - ((values[at] ?? 0) / top) * (heightPx - 4);
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** Broken where nothing is known. */
function lineOf(values: Series['values'], top: number, heightPx: number): string {
  const step = (value: number | undefined, at: number): string =>
    value === undefined ? '' : `${values[at - 1] === undefined ? 'M' : 'L'}${placeOf(values, at, top, heightPx)}`;
  return values.map(step).join('');
}

/** Values between unknown ones, of which no line would be seen. */
function dotsOf(values: Series['values'], top: number, heightPx: number): string {
  const dot = (value: number | undefined, at: number): string =>
    value === undefined || values[at - 1] !== undefined || values[at + 1] !== undefined ? '' : `M${placeOf(values, at, top, heightPx)}h0.1`;
  return values.map(dot).join('');
}

/** 1, 2 or 5 times a power of ten, not below the value: the ends of a scale that people read. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}
