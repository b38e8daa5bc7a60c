/**
 * A service's own `global`. Services of a thread share one JavaScript realm, so that a service costs next to nothing; still what one
 * assigns to `global` must not be seen by another, and must be seen by all modules of its own, also by its bare name.
 *
 * `global` is an object of the service's that inherits from the true one. A name that is assigned to it becomes an accessor on the
 * true global object, which answers for the service that is running. Code that runs after an `await` has no running service to be
 * told by; there the name means whatever was assigned last.
 */

type Names = Record<string, unknown>;

let running: Names | undefined;
const lastAssigned = new Map<string, Names>();
const exposed = new Map<string, PropertyDescriptor | undefined>();

export interface ServiceGlobals {
  /** What the service's modules see as `global` and `globalThis`. */
  readonly object: object;
  /** Runs code of the service. */
  run<Result>(action: () => Result): Result;
}

export function createGlobals(initial: Readonly<Names>): ServiceGlobals {
  const own = Object.create(globalThis) as Names;
  const define = (name: string | symbol, descriptor: PropertyDescriptor): boolean => {
    if (typeof name === 'string') {
      if (!exposed.has(name)) expose(name);
      lastAssigned.set(name, own);
    }
    return Reflect.defineProperty(own, name, descriptor);
  };
  for (const [name, value] of Object.entries(initial)) {
    define(name, { value, writable: true, enumerable: false, configurable: true });
  }
  return {
    object: new Proxy(own, {
      set: (_, name, value) => define(name, { value, writable: true, enumerable: true, configurable: true }),
      defineProperty: (_, name, descriptor) => define(name, descriptor),
    }),
    run(action) {
      const before = running;
      running = own;
      try {
        return action();
      } finally {
        running = before;
      }
    },
  };
}

/** Makes a bare name look into the running service first. A name that cannot be redefined stays as it is. */
function expose(name: string): void {
  const original = Object.getOwnPropertyDescriptor(globalThis, name);
  exposed.set(name, original);
  if (original?.configurable === false) return;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable: false,
    get() {
      if (running !== undefined && Object.hasOwn(running, name)) return running[name];
      if (original !== undefined) return 'value' in original ? original.value : original.get?.call(globalThis);
      return running === undefined ? lastAssigned.get(name)?.[name] : undefined;
    },
    set(value: unknown) {
      if (running === undefined && original === undefined) {
        Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
        return;
      }
      const own = running ?? globalThis;
      Object.defineProperty(own, name, { value, writable: true, enumerable: true, configurable: true });
    },
  });
}
