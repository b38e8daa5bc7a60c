/**
 * The queries that are being written, in tabs, and those that ran: of each database its own, kept in the browser, so that a reload loses nothing.
 */
import { signal, type Signal } from '@preact/signals';
import type { BindValues } from './aql/bind-parameters.ts';

export interface QueryTab {
  readonly id: string;
  readonly text: string;
  readonly values: BindValues;
  /** Of the saved query that it came from. */
  readonly savedAs?: string;
}

export interface PastQuery {
  readonly text: string;
  readonly values: BindValues;
  readonly at: number;
}

export interface QueryDesk {
  readonly tabs: readonly QueryTab[];
  readonly current: string;
  readonly history: readonly PastQuery[];
}

const MAX_HISTORY = 50;
const MAX_TABS = 20;

const desks = new Map<string, Signal<QueryDesk>>();

export function deskOf(database: string): Signal<QueryDesk> {
  let desk = desks.get(database);
  if (desk === undefined) {
    const key = `foxden.queries.${database}`;
    const made = signal(readDesk(localStorage.getItem(key)));
    made.subscribe((now) => localStorage.setItem(key, JSON.stringify(now)));
    desks.set(database, made);
    desk = made;
  }
  return desk;
}

export const currentTab = ({ tabs, current }: QueryDesk): QueryTab => tabs.find(({ id }) => id === current) ?? tabs[0] ?? newTab();

export function newTab(more: Partial<Omit<QueryTab, 'id'>> = {}): QueryTab {
  // `randomUUID` is there on pages from https and from this machine only.
  const id = crypto.getRandomValues(new Uint32Array(3)).join('-');
  return { id, text: '', values: {}, ...more };
}

/** Beside the others, unless the current one is empty still. */
export function withTab(desk: QueryDesk, tab: QueryTab): QueryDesk {
  const now = currentTab(desk);
  const others = now.text.trim() === '' ? desk.tabs.filter(({ id }) => id !== now.id) : desk.tabs;
  return { ...desk, tabs: [...others, tab].slice(-MAX_TABS), current: tab.id };
}

/** There is always one: where the last goes, an empty one comes. */
export function withoutTab(desk: QueryDesk, id: string): QueryDesk {
  const at = desk.tabs.findIndex((tab) => tab.id === id);
  const tabs = desk.tabs.filter((tab) => tab.id !== id);
  if (tabs.length === 0) tabs.push(newTab());
  const current = desk.current === id ? (tabs[Math.min(at, tabs.length - 1)]?.id ?? '') : desk.current;
  return { ...desk, tabs, current };
}

export function withChanged(desk: QueryDesk, id: string, changes: Partial<Omit<QueryTab, 'id'>>): QueryDesk {
  return { ...desk, tabs: desk.tabs.map((tab) => (tab.id === id ? { ...tab, ...changes } : tab)) };
}

/** The latest first, each text once. */
export function withPast(desk: QueryDesk, past: PastQuery): QueryDesk {
  const others = desk.history.filter(({ text }) => text !== past.text);
  return { ...desk, history: [past, ...others].slice(0, MAX_HISTORY) };
}

/** The name of a tab: that of the saved query, or the first words of the text. */
export function tabTitle({ text, savedAs }: QueryTab): string {
  if (savedAs !== undefined) return savedAs;
  const words = text
    .replaceAll(/\/\/.*|\/\*[^]*?\*\//g, ' ')
    .trim()
    .replaceAll(/\s+/g, ' ');
  return words === '' ? 'New query' : words.length > 28 ? `${words.slice(0, 27)}…` : words;
}

export function readDesk(text: string | null): QueryDesk {
  const empty = (): QueryDesk => {
    const tab = newTab();
    return { tabs: [tab], current: tab.id, history: [] };
  };
  if (text === null) return empty();
  try {
    const { tabs, current, history } = JSON.parse(text) as Partial<QueryDesk>;
    const isWhole = Array.isArray(tabs) && tabs.length > 0 && tabs.every(isTab) && Array.isArray(history) && typeof current === 'string';
    return isWhole ? { tabs, current, history } : empty();
  } catch {
    return empty(); // something else wrote there
  }
}

function isTab(value: unknown): boolean {
  const { id, text, values } = (value ?? {}) as Partial<QueryTab>;
  return typeof id === 'string' && typeof text === 'string' && typeof values === 'object' && values !== null;
}
