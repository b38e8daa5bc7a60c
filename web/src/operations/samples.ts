/**
 * What the server's metrics were in the last minutes: read again and again while a page shows them, kept when the page is left. Rates and
 * percentiles come from the differences between two readings.
 */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, send } from '../api/client.ts';
import { database } from '../router.ts';
import { parseMetrics, percentileBetween, type Metrics } from './prometheus.ts';

const EVERY_MS = 2_000;
/** The second reading comes at once, so that there is something to see. */
const FIRST_MS = 400;
const KEPT = 150;

export interface Sample extends Metrics {
  readonly atMs: number;
  /** Of the process, from `/_admin/statistics`. */
  readonly memoryBytes: number | undefined;
  readonly memoryShare: number | undefined;
  readonly cpuSeconds: number | undefined;
  readonly uptimeSeconds: number | undefined;
}

export const samples = signal<readonly Sample[]>([]);
export const samplesFailure = signal<unknown>(undefined);

let users = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Reads while the page that calls this is shown. */
export function useSamples(): readonly Sample[] {
  useEffect(() => {
    if (users++ === 0) void look();
    return () => {
      users--;
      if (users > 0) return;
      clearTimeout(timer);
      timer = undefined;
    };
  }, []);
  return samples.value;
}

async function look(): Promise<void> {
  if (!document.hidden) {
    try {
      const sample = await read();
      const last = samples.value.at(-1);
      // The server was started anew: its counters are others.
      const isOther = (sample.uptimeSeconds ?? 0) < (last?.uptimeSeconds ?? 0);
      samples.value = [...(isOther ? [] : samples.value), sample].slice(-KEPT);
      samplesFailure.value = undefined;
    } catch (error) {
      samplesFailure.value = error;
    }
  }
  if (users > 0) timer = setTimeout(() => void look(), samples.value.length < 2 ? FIRST_MS : EVERY_MS);
}

interface Statistics {
  readonly system?: {
    readonly residentSize: number;
    readonly residentSizePercent: number;
    readonly userTime: number;
    readonly systemTime: number;
  };
  readonly server?: { readonly uptime: number };
}

async function read(): Promise<Sample> {
  const [metrics, statistics] = await Promise.all([text('/_admin/metrics/v2'), text('/_admin/statistics')]);
  const { system, server } = (statistics === undefined ? {} : JSON.parse(statistics)) as Statistics;
  return {
    atMs: Date.now(),
    ...parseMetrics(metrics ?? ''),
    memoryBytes: system?.residentSize,
    memoryShare: system?.residentSizePercent,
    cpuSeconds: system === undefined ? undefined : system.userTime + system.systemTime,
    uptimeSeconds: server?.uptime,
  };
}

/** Undefined where an option has switched it off. */
async function text(path: string): Promise<string | undefined> {
  try {
    return await (await send('GET', path, { database: database.value })).text();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** A value for each reading but the first, per second since the one before. */
export function rates(all: readonly Sample[], of: (sample: Sample) => number | undefined): readonly (number | undefined)[] {
  return pairs(all).map(([before, sample]) => {
    const [from, to] = [of(before), of(sample)];
    const seconds = (sample.atMs - before.atMs) / 1000;
    return from === undefined || to === undefined || seconds <= 0 ? undefined : Math.max(0, to - from) / seconds;
  });
}

/** The value that the given share of what was counted between two readings does not exceed; undefined where there was nothing. */
export function percentiles(all: readonly Sample[], name: string, share: number): readonly (number | undefined)[] {
  return pairs(all).map(([before, sample]) => {
    const [from, to] = [before.histograms.get(name), sample.histograms.get(name)];
    return to === undefined ? undefined : percentileBetween(from, to, share);
  });
}

export function valueOf(name: string): (sample: Sample) => number | undefined {
  return ({ values }) => values.get(name);
}

function pairs(all: readonly Sample[]): (readonly [Sample, Sample])[] {
  return all.slice(1).map((sample, at) => [all[at] as Sample, sample]);
}
