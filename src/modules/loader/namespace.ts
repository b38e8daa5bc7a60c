/**
 * What `import * as x` gives: the exports of an ES module, which change as the module changes them, or those of a CommonJS module seen as
 * if it were one.
 *
 * The default export of a CommonJS module is all of `module.exports`. Where a compiler made the module out of an ES module and left its
 * mark (`__esModule`), it is the `default` among the exports; but not for importers that say themselves to be ES modules, which follow
 * Node here.
 */

type Exports = Record<string, unknown>;

/** An ES module's own, into which its code puts accessors. Marked for CommonJS code that a compiler made. */
export function createNamespace(): object {
  return Object.defineProperties(Object.create(null) as object, {
    [Symbol.toStringTag]: { value: 'Module' },
    __esModule: { value: true },
  });
}

export function isNamespace(exports: unknown): exports is Exports {
  return typeof exports === 'object' && exports !== null && Object.getPrototypeOf(exports) === null && isMarked(exports);
}

/** `export * from`: all names but `default` and those that are there. */
export function exportAll(target: object, source: object): void {
  for (const name of Object.keys(source)) {
    if (name === 'default' || Object.hasOwn(target, name)) continue;
    Object.defineProperty(target, name, { enumerable: true, configurable: true, get: () => (source as Exports)[name] });
  }
}

const wrappers = new WeakMap<object, object>();

/** What an importer sees of a module that is no ES module. */
export function namespaceOf(exports: unknown, { followsNode }: { readonly followsNode: boolean }): object {
  if (isNamespace(exports)) return exports;
  if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return wrap(exports, []);
  if (isMarked(exports) && 'default' in exports && !followsNode) return exports;
  // `import * as createRouter from '@arangodb/foxx/router'`, as TypeScript without `esModuleInterop` has it, is a function.
  const known = wrappers.get(exports);
  if (known !== undefined) return known;
  const made = wrap(exports, namesOf(exports));
  wrappers.set(exports, made);
  return made;
}

function isMarked(exports: object): boolean {
  return '__esModule' in exports && exports.__esModule === true;
}

/** Methods of an object made by a class are names of it, too; those that every object or function has are not. */
function namesOf(exports: object): string[] {
  const names = new Set(Object.keys(exports));
  for (let at: object | null = exports; at !== null && at !== Object.prototype && at !== Function.prototype; at = prototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  }
  return [...names];
}

function prototypeOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}

/** Names that are added to the exports later are seen as well. */
function wrap(exports: unknown, names: readonly string[]): object {
  const isObject = typeof exports === 'object' && exports !== null;
  const look = (name: string | symbol): unknown =>
    isObject || typeof exports === 'function' ? (exports as Record<string | symbol, unknown>)[name] : undefined;
  const target = Object.create(null) as object;
  for (const name of names) {
    if (name !== 'default') Object.defineProperty(target, name, { enumerable: true, configurable: true, get: () => look(name) });
  }
  Object.defineProperties(target, {
    default: { value: exports, enumerable: true },
    [Symbol.toStringTag]: { value: 'Module' },
  });
  const get = (_: object, name: string | symbol): unknown => (name in target ? Reflect.get(target, name) : look(name));
  if (typeof exports === 'function') return new Proxy(exports, { get });
  return new Proxy(target, { get, has: (own, name) => name in own || (isObject && name in exports) });
}
