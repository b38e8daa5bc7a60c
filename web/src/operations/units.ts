/** Numbers as people read them: times, sizes, counts. */

/** `0.42 ms`, `12 ms`, `1.3 s`, `2 min`. */
export function milliseconds(ms: number): string {
  if (ms < 10) return `${trimmed(ms, 2)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${trimmed(ms / 1000, 1)} s` : duration(ms / 1000);
}

/** `45 s`, `3 min`, `2 h 5 min`, `4 d 3 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

const SIZES = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

export function bytes(amount: number): string {
  let size = 0;
  let left = amount;
  while (left >= 1000 && size < SIZES.length - 1) {
    left /= 1000;
    size++;
  }
  return `${left >= 100 || size === 0 ? Math.round(left) : trimmed(left, 1)} ${SIZES[size] ?? ''}`;
}

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function count(value: number): string {
  return counts.format(value);
}

/** Per second. */
export function rate(value: number): string {
  return value >= 100 ? `${count(value)}/s` : `${trimmed(value, 1)}/s`;
}

export function percent(share: number): string {
  return `${trimmed(share * 100, share < 0.1 ? 1 : 0)} %`;
}

const clocks = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const days = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** The time, and the day where it was another. */
export function moment(time: number | string): string {
  const date = new Date(time);
  return date.toDateString() === new Date().toDateString() ? clocks.format(date) : `${days.format(date)}, ${clocks.format(date)}`;
}

/** `3 min ago`, `in 5 s`. */
export function distance(time: number, nowMs = Date.now()): string {
  const seconds = (nowMs - time) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  return seconds > 0 ? `${duration(seconds)} ago` : `in ${duration(-seconds)}`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
