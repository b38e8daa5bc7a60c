/**
 * The timers of one service: Node's, but that they end with the service. What a callback throws is the service's error, and goes
 * to its log.
 */
import { promisify } from 'node:util';

type Callback = (...values: unknown[]) => void;
type Timer = NodeJS.Timeout | NodeJS.Immediate;

export interface TimersHost {
  /** Runs code of the service. */
  readonly run: (action: () => void) => void;
  readonly fail: (error: unknown) => void;
}

export interface ServiceTimers {
  /** What modules of the service see under these names. */
  readonly names: Readonly<Record<(typeof TIMER_NAMES)[number], unknown>>;
  /** Nothing of it fires any more. */
  end(): void;
}

export const TIMER_NAMES = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'] as const;

export function createTimers({ run, fail }: TimersHost): ServiceTimers {
  const active = new Set<Timer>();
  const guarded = (callback: unknown, values: readonly unknown[]) => (): void => {
    if (typeof callback !== 'function') return;
    try {
      run(() => (callback as Callback)(...values));
    } catch (error) {
      fail(error);
    }
  };
  const check = (callback: unknown): void => {
    if (typeof callback !== 'function') throw new TypeError(`a timer wants a function, and got ${typeof callback}`);
  };
  const once = <Made extends Timer>(callback: unknown, values: readonly unknown[], start: (fire: () => void) => Made): Made => {
    check(callback);
    const fire = guarded(callback, values);
    const timer: Made = start(() => {
      active.delete(timer);
      fire();
    });
    active.add(timer);
    return timer;
  };
  const names = {
    setTimeout: (callback: unknown, delayMs?: number, ...values: unknown[]) => once(callback, values, (fire) => setTimeout(fire, delayMs)),
    setImmediate: (callback: unknown, ...values: unknown[]) => once(callback, values, (fire) => setImmediate(fire)),
    setInterval: (callback: unknown, delayMs?: number, ...values: unknown[]) => {
      check(callback);
      const timer = setInterval(guarded(callback, values), delayMs);
      active.add(timer);
      return timer;
    },
    clearTimeout: (timer: unknown) => clear(timer),
    clearInterval: (timer: unknown) => clear(timer),
    clearImmediate: (timer: unknown) => clear(timer),
  };
  // `util.promisify(setTimeout)` asks for these.
  Object.defineProperty(names.setTimeout, promisify.custom, {
    value: (delayMs?: number, value?: unknown) => new Promise((resolve) => names.setTimeout(resolve, delayMs, value)),
  });
  Object.defineProperty(names.setImmediate, promisify.custom, {
    value: (value?: unknown) => new Promise((resolve) => names.setImmediate(resolve, value)),
  });

  /** Timers of either kind, and the numbers that `Number(timer)` makes of them. */
  function clear(timer: unknown): void {
    if (timer === undefined || timer === null) return;
    active.delete(timer as Timer);
    if (timer instanceof ImmediateClass) clearImmediate(timer);
    else clearTimeout(timer as NodeJS.Timeout);
  }

  return {
    names,
    end: () => {
      for (const timer of active) clear(timer);
      active.clear();
    },
  };
}

const ImmediateClass = immediateClass();

function immediateClass(): new () => NodeJS.Immediate {
  const immediate = setImmediate(() => undefined);
  clearImmediate(immediate);
  return immediate.constructor as new () => NodeJS.Immediate;
}
