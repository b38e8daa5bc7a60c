/** How the service fares: requests, errors and times of the last ten minutes, and the last requests that failed. */
import { HeartPulse } from 'lucide';
import { Badge } from '../components/badge.tsx';
import { CodeBlock } from '../components/code-block.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Section } from '../components/page.tsx';
import { Plot } from '../components/plot.tsx';
import { millisecondsText } from './figures.ts';
import { useOf, type Failure, type Figures, type Metrics } from './service.ts';
import type { TabProps } from './service-page.tsx';
import './health-tab.css';

const SLICES = 60;

export function HealthTab({ mount }: TabProps) {
  const metrics = useOf<Metrics>(mount, 'metrics', { everyMs: 5000 });
  const { data } = metrics;
  if (data === undefined) return <NotLoaded of={metrics} lines={6} />;
  const { total, sliceSeconds, failures } = data;
  const slices = evenly(data);
  const each = (read: (figures: Figures) => number | null): (number | undefined)[] =>
    slices.map((slice) => (slice === undefined ? undefined : (read(slice) ?? undefined)));
  const perSecond = (read: (figures: Figures) => number): (number | undefined)[] =>
    slices.map((slice) => (slice === undefined ? 0 : read(slice) / sliceSeconds));
  const times = { from: `${Math.round((SLICES * sliceSeconds) / 60)} min ago`, to: 'now' };
  return (
    <div class="stack">
      <dl class="figures">
        <Figure name="Requests since start" value={total.requests.toLocaleString('en')} />
        <Figure name="Errors of the service" value={total.serverErrors.toLocaleString('en')} isBad={total.serverErrors > 0} />
        <Figure name="Errors of clients" value={total.clientErrors.toLocaleString('en')} />
        <Figure name="Median" value={total.p50Ms === null ? '–' : millisecondsText(total.p50Ms)} />
        <Figure name="95 %" value={total.p95Ms === null ? '–' : millisecondsText(total.p95Ms)} />
        <Figure name="99 %" value={total.p99Ms === null ? '–' : millisecondsText(total.p99Ms)} />
      </dl>
      <div class="plots">
        <div class="card">
          <Plot
            title="Requests per second"
            series={[{ name: 'Requests', values: perSecond(({ requests }) => requests) }]}
            format={rateText}
            {...times}
          />
        </div>
        <div class="card">
          <Plot
            title="Errors per second"
            series={[
              { name: 'of the service', values: perSecond(({ serverErrors }) => serverErrors) },
              { name: 'of clients', values: perSecond(({ clientErrors }) => clientErrors) },
            ]}
            format={rateText}
            {...times}
          />
        </div>
        <div class="card">
          <Plot
            title="Time per request"
            series={[
              { name: 'p50', values: each(({ p50Ms }) => p50Ms) },
              { name: 'p95', values: each(({ p95Ms }) => p95Ms) },
              { name: 'p99', values: each(({ p99Ms }) => p99Ms) },
            ]}
            format={millisecondsText}
            {...times}
          />
        </div>
      </div>
      <Section title="Last failing requests">
        {failures.length === 0 ? (
          <EmptyState icon={HeartPulse} title="No request has failed">
            Requests that end with an error of the service are listed here, with what was thrown and the lines around the place.
          </EmptyState>
        ) : (
          <ul class="failures">
            {failures.map((failure) => (
              <li key={`${failure.time} ${failure.path}`}>
                <FailureDetails failure={failure} />
              </li>
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
}

function Figure({ name, value, isBad = false }: { readonly name: string; readonly value: string; readonly isBad?: boolean }) {
  return (
    <div class="figure card">
      <dt>{name}</dt>
      <dd class={isBad ? 'bad' : ''}>{value}</dd>
    </div>
  );
}

function FailureDetails({ failure }: { readonly failure: Failure }) {
  const { time, method, path, status, durationMs, error, excerpt } = failure;
  const [first = ''] = error.split('\n');
  return (
    <details class="failure">
      <summary>
        <Badge kind={status >= 500 ? 'bad' : 'caution'}>{status}</Badge>
        <span class="failure-what">
          <span class="mono">
            {method} {path}
          </span>
          <span class="soft truncate">{first}</span>
        </span>
        <span class="faint">
          {millisecondsText(durationMs)} · <time dateTime={time}>{new Date(time).toLocaleTimeString()}</time>
        </span>
      </summary>
      <div class="stack tight">
        {excerpt !== '' && <CodeBlock text={excerpt} label="source around the place" />}
        {error !== '' && <CodeBlock text={error} label="error with its stack" isWrapped />}
      </div>
    </details>
  );
}

/** A place for each slice up to now; undefined where no request came. */
function evenly({ slices, sliceSeconds }: Metrics): (Figures | undefined)[] {
  const sliceMs = sliceSeconds * 1000;
  const last = Math.max(Math.floor(Date.now() / sliceMs) * sliceMs, ...slices.map(({ time }) => time));
  const places: (Figures | undefined)[] = Array.from({ length: SLICES }, () => undefined);
  for (const slice of slices) {
    const at = SLICES - 1 - Math.round((last - slice.time) / sliceMs);
    if (at >= 0 && slice.requests > 0) places[at] = slice;
  }
  return places;
}

function rateText(perSecond: number): string {
  if (perSecond === 0) return '0';
  return perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toPrecision(2).replace(/\.0$/, '');
}
