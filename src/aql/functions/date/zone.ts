/**
 * Time zones, as far as ECMAScript's `Intl` knows them: their data is the time zone database that comes with Node.js.
 *
 * `Intl` tells a zone's offset at a moment and nothing else, so changes are found by asking again and again. Answers are kept, a
 * quarter of an hour each, the finest that zones change at since they are defined by law.
 */
import { ArangoError } from '#base';
import { LeastRecentlyUsed } from '../text/least-recently-used.ts';
import { DAY_MS, FIRST_INSTANT, HOUR_MS, isInRange, LAST_INSTANT, MINUTE_MS, SECOND_MS } from './instant.ts';

const GRAIN_MS = 15 * MINUTE_MS;

/** Changes of one zone never follow each other faster. */
const SEARCH_STEP_MS = 14 * DAY_MS;

/** Who has daylight saving time changes at least that often. */
const SEARCH_AHEAD_MS = 2 * 366 * DAY_MS;

/** English as it is spoken near the zones, since each locale abbreviates only the names of zones that are usual there. */
const LOCALES = ['en-US', 'en-GB', 'en-CA', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA', 'en-NG', 'en-KE'];

export interface ZonePeriod {
  /** An abbreviation, or the offset in digits where the zone has none. */
  readonly name: string;
  /** When the offset came and goes; undefined when it has always been or will stay. */
  readonly begin: number | undefined;
  readonly end: number | undefined;
  readonly isDaylightSaving: boolean;
  readonly offsetMs: number;
}

export class Zone {
  readonly #name: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new LeastRecentlyUsed<number, number>(4096);

  /** Throws a RangeError when there is no such zone. */
  constructor(name: string) {
    this.#name = name;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset', year: 'numeric' });
  }

  toLocal(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  /** Of two moments with that local time the earlier one; a local time that is skipped counts as if nothing had been skipped yet. */
  toUtc(local: number): number {
    const before = this.offsetAt(local - DAY_MS);
    const after = this.offsetAt(local + DAY_MS);
    const earlier = local - before;
    const later = local - after;
    return this.offsetAt(earlier) !== before && this.offsetAt(later) === after ? later : earlier;
  }

  offsetAt(instant: number): number {
    return this.#offsets.get(Math.floor(instant / GRAIN_MS), (grain) => this.#askOffset(grain * GRAIN_MS));
  }

  periodAt(instant: number): ZonePeriod {
    const offsetMs = this.offsetAt(instant);
    const year = new Date(instant).getUTCFullYear();
    const standard = Math.min(this.offsetAt(Date.UTC(year, 0, 1)), this.offsetAt(Date.UTC(year, 6, 1)));
    return {
      name: this.#abbreviation(instant, offsetMs),
      begin: this.#change(instant, -SEARCH_STEP_MS, FIRST_INSTANT),
      end: this.#change(instant, SEARCH_STEP_MS, Math.min(LAST_INSTANT, instant + SEARCH_AHEAD_MS)),
      isDaylightSaving: offsetMs > standard,
      offsetMs,
    };
  }

  /** The change of the offset next to `instant` in the direction of `step`, not beyond `limit`. */
  #change(instant: number, step: number, limit: number): number | undefined {
    const offset = this.offsetAt(instant);
    let near = instant;
    let far = instant;
    while (this.offsetAt(far) === offset) {
      if (far === limit || !isInRange(far)) return undefined;
      near = far;
      far = step < 0 ? Math.max(limit, far + step) : Math.min(limit, far + step);
    }
    while (Math.abs(far - near) > SECOND_MS) {
      const middle = Math.floor((near + far) / 2 / SECOND_MS) * SECOND_MS;
      if (middle === near || middle === far) break;
      if (this.#askOffset(middle) === offset) near = middle;
      else far = middle;
    }
    return Math.max(near, far);
  }

  #abbreviation(instant: number, offsetMs: number): string {
    for (const locale of LOCALES) {
      const name = namePart(new Intl.DateTimeFormat(locale, { timeZone: this.#name, timeZoneName: 'short' }), instant);
      if (/^[A-Z]+$/.test(name) && (name !== 'GMT' || offsetMs === 0)) return name;
    }
    const minutes = Math.abs(offsetMs) / MINUTE_MS;
    const digits = String(Math.floor(minutes / 60)).padStart(2, '0') + (minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0'));
    return (offsetMs < 0 ? '-' : '+') + digits;
  }

  #askOffset(instant: number): number {
    const [, sign, hours, minutes, seconds] = /([-+])(\d\d):(\d\d)(?::(\d\d))?/.exec(namePart(this.#format, instant)) ?? [];
    const ms = Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * MINUTE_MS + Number(seconds ?? 0) * SECOND_MS;
    return sign === '-' ? -ms : ms;
  }
}

function namePart(format: Intl.DateTimeFormat, instant: number): string {
  return format.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

const zones = new LeastRecentlyUsed<string, Zone>(50);

/** Throws 4, as ArangoDB does, when there is no such zone. */
export function getZone(name: string): Zone {
  return zones.get(name, () => {
    try {
      return new Zone(name);
    } catch (cause) {
      throw new ArangoError('ERROR_INTERNAL', { message: `${name} not found in timezone database` }, { cause });
    }
  });
}

/** The names of all zones, without their other names. */
export function zoneNames(): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf('timeZone'), 'Etc/UTC', 'UTC'])].toSorted();
}

/** Where the server stands. */
export function systemZoneName(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone === 'UTC' ? 'Etc/UTC' : timeZone;
}

/** Which edition of the time zone database is used. */
export function zoneDatabaseVersion(): string {
  return process.versions['tz'] ?? 'unknown';
}
