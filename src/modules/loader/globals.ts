/**
 * A service's own `global`. Services of a thread share one JavaScript realm, so that a service costs next to nothing; still what one
 * assigns to `global` must not be seen by another, and must be seen by all modules of its own, also by its bare name.
 *
 * `global` is an object of the service's that inherits from the true one. A name that is assigned to it becomes an accessor on the
 * true global object, which answers for the service that is running. Which one that is follows the code over each `await` and into timers
 * by an `AsyncLocalStorage`, from when on a service of the thread has assigned a name; until then there is nothing to tell apart, and
 * promises cost nothing more.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Names = Record<string, unknown>;

/** Of synchronous code; what runs later has it from the storage. */
let running: Names | undefined;
const followed = new AsyncLocalStorage<Names | undefined>();
let isFollowing = false;
const exposed = new Set<string>();

export interface ServiceGlobals {
  /** What the service's modules see as `global` and `globalThis`. */
  readonly object: object;
  /** Runs code of the service. */
  run<Result>(action: () => Result): Result;
}

/**
 * `initial` are names of the server's, which all services have. `shadows` are seen on `global` alone: modules have them in their scope, and
 * the true ones stay as they are.
 */
export function createGlobals(initial: Readonly<Names>, shadows: Readonly<Names>): ServiceGlobals {
  const own = Object.create(globalThis) as Names;
  const define = (name: string | symbol, descriptor: PropertyDescriptor): boolean => {
    if (typeof name === 'string') {
      if (!exposed.has(name)) expose(name);
      if (!isFollowing) {
        isFollowing = true;
        if (running !== undefined) followed.enterWith(running);
      }
    }
    return Reflect.defineProperty(own, name, descriptor);
  };
  for (const name of Object.keys(initial)) if (!exposed.has(name)) expose(name);
  for (const [name, value] of Object.entries({ ...initial, ...shadows })) {
    Object.defineProperty(own, name, { value, writable: true, enumerable: false, configurable: true });
  }
  return {
    object: new Proxy(own, {
      set: (_, name, value) => define(name, { value, writable: true, enumerable: true, configurable: true }),
      defineProperty: (_, name, descriptor) => define(name, descriptor),
    }),
    run(action) {
      const before = running;
      running = own;
      const isFollowed = isFollowing;
      try {
        return isFollowed ? followed.run(own, action) : action();
      } finally {
        running = before;
        // The service began to be followed in the midst of this.
        if (isFollowing && !isFollowed) followed.enterWith(before);
      }
    },
  };
}

function current(): Names | undefined {
  return running ?? (isFollowing ? followed.getStore() : undefined);
}

/** Makes a bare name look into the running service first. A name that cannot be redefined stays as it is. */
function expose(name: string): void {
  exposed.add(name);
  const original = Object.getOwnPropertyDescriptor(globalThis, name);
  if (original?.configurable === false) return;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable: false,
    get() {
      const own = current();
      if (own !== undefined && Object.hasOwn(own, name)) return own[name];
      if (original === undefined) return undefined;
      return 'value' in original ? original.value : original.get?.call(globalThis);
    },
    set(value: unknown) {
      const own = current();
      if (own === undefined && original === undefined) {
        Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
        return;
      }
      Object.defineProperty(own ?? globalThis, name, { value, writable: true, enumerable: true, configurable: true });
    },
  });
}
