/**
 * What the server told, kept by a key: shown at once when a page is opened again, and asked anew behind it. Whoever changes something on the
 * server says which keys that makes stale.
 */
import { signal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Answer<Data> {
  readonly data?: Data;
  /** Of the last attempt; older data stays beside it. */
  readonly error?: unknown;
  readonly isLoading: boolean;
}

interface Entry {
  readonly answer: Signal<Answer<unknown>>;
  users: number;
  running?: AbortController;
  load?: (aborting: AbortSignal) => Promise<unknown>;
}

const MAX_UNUSED = 100;
const entries = new Map<string, Entry>();

export interface QueryOptions {
  /** Asked again so often while anything shows it and the page is visible. */
  readonly everyMs?: number;
}

export interface UsedQuery<Data> extends Answer<Data> {
  readonly reload: () => void;
}

/** The key holds all that the answer depends on, the database too. Without a key nothing is asked. */
export function useQuery<Data>(
  key: string | undefined,
  load: (aborting: AbortSignal) => Promise<Data>,
  { everyMs }: QueryOptions = {},
): UsedQuery<Data> {
  const latest = useRef(load);
  latest.current = load;
  const entry = key === undefined ? undefined : entryOf(key);

  useEffect(() => {
    if (entry === undefined) return undefined;
    entry.users++;
    entry.load = (aborting) => latest.current(aborting);
    if (entry.running === undefined) void run(entry);
    return () => {
      entry.users--;
      if (entry.users === 0) entry.running?.abort();
      forgetOld();
    };
  }, [entry]);

  useEffect(() => {
    if (entry === undefined || everyMs === undefined) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden && entry.running === undefined) void run(entry);
    }, everyMs);
    return () => clearInterval(timer);
  }, [entry, everyMs]);

  const answer = (entry?.answer.value ?? { isLoading: false }) as Answer<Data>;
  return { ...answer, reload: () => void (entry !== undefined && run(entry)) };
}

/** Asks anew what is shown and forgets what is not, for all keys that begin so. */
export function invalidate(...prefixes: readonly string[]): void {
  for (const [key, entry] of entries) {
    if (!prefixes.some((prefix) => key.startsWith(prefix))) continue;
    if (entry.users > 0) void run(entry);
    else entries.delete(key);
  }
}

/** Everything is forgotten: another user sees other things. */
export function forgetAll(): void {
  for (const [key, entry] of entries) {
    entry.running?.abort();
    if (entry.users === 0) entries.delete(key);
    else entry.answer.value = { isLoading: false };
  }
}

function entryOf(key: string): Entry {
  let entry = entries.get(key);
  if (entry === undefined) {
    entry = { answer: signal<Answer<unknown>>({ isLoading: true }), users: 0 };
    entries.set(key, entry);
  }
  return entry;
}

async function run(entry: Entry): Promise<void> {
  entry.running?.abort();
  const aborting = new AbortController();
  entry.running = aborting;
  entry.answer.value = { ...entry.answer.value, isLoading: true };
  try {
    const data = await entry.load?.(aborting.signal);
    if (entry.running === aborting) entry.answer.value = { data, isLoading: false };
  } catch (error) {
    if (entry.running === aborting) {
      const { data } = entry.answer.value;
      entry.answer.value = aborting.signal.aborted ? { data, isLoading: false } : { data, error, isLoading: false };
    }
  } finally {
    if (entry.running === aborting) delete entry.running;
  }
}

function forgetOld(): void {
  if (entries.size <= MAX_UNUSED) return;
  for (const [key, { users }] of entries) {
    if (users === 0) entries.delete(key);
    if (entries.size <= MAX_UNUSED) return;
  }
}
