/**
 * Node's own modules and `process` as services get them where the policy restricts what services may do.
 */
import { Socket } from 'node:net';
import { URL, fileURLToPath } from 'node:url';
import { forbidden, type ServicePolicy } from '../policy.ts';

type Members = Record<string | symbol, unknown>;
type AnyFunction = (...values: readonly unknown[]) => unknown;

/** These end, change or start processes; Node has them for programs, not for what many share. */
const PROCESS_CONTROL = [
  'exit',
  'reallyExit',
  'kill',
  '_kill',
  'abort',
  'chdir',
  'dlopen',
  'binding',
  '_linkedBinding',
  'getBuiltinModule',
];

/** A service's own `process`: what it puts on it is its own, and what would end the worker is forbidden. */
export function createProcess({ allowsProcessControl, isHardened }: ServicePolicy): NodeJS.Process {
  const own = Object.create(process) as NodeJS.Process & Members;
  const define = (name: string, value: unknown): void =>
    void Object.defineProperty(own, name, { value, writable: true, enumerable: true, configurable: true });
  if (!allowsProcessControl) {
    for (const name of PROCESS_CONTROL) {
      define(name, () => {
        throw forbidden(`use process.${name}()`);
      });
    }
  }
  // A copy, made when it is first looked at: what one service sets there is not for the others.
  Object.defineProperty(own, 'env', {
    configurable: true,
    enumerable: true,
    get: () => {
      const env = { ...process.env };
      define('env', env);
      return env;
    },
  });
  if (isHardened) for (const name of ['pid', 'ppid']) define(name, 0);
  return own;
}

/** A module of Node's, by its name without `node:`; as it is where nothing in it is restricted. */
export function restrictModule(name: string, exports: unknown, policy: ServicePolicy, ownFolder: string): unknown {
  switch (name) {
    case 'fs':
    case 'fs/promises':
      return policy.restrictsFiles ? guardFiles(exports as object, policy, ownFolder) : exports;
    case 'child_process':
    case 'cluster':
      return policy.allowsProcessControl ? exports : withoutFunctions(exports as Members, 'start processes');
    case 'dgram':
      return policy.restrictsConnections ? withoutFunctions(exports as Members, 'send datagrams') : exports;
    case 'worker_threads': {
      // What the server's worker was started with is nobody else's business.
      const { workerData: _data, parentPort: _port, ...others } = exports as Members;
      const isFree = policy.allowsProcessControl || !(policy.restrictsFiles || policy.restrictsConnections);
      return {
        ...others,
        workerData: undefined,
        parentPort: null,
        ...(isFree ? {} : withoutFunctions({ Worker: others['Worker'] }, 'start threads')),
      };
    }
    case 'module':
    case 'inspector':
    case 'inspector/promises':
    case 'repl':
      return policy.restrictsFiles || policy.restrictsConnections ? withoutFunctions(exports as Members, `use "${name}"`) : exports;
    default:
      return exports;
  }
}

function withoutFunctions(exports: Members, what: string): Members {
  const refuse = function refuse(): never {
    throw forbidden(what);
  };
  return Object.fromEntries(Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? refuse : value]));
}

/** Functions of file systems that take no path first. */
const NO_PATH = new Set(['join', 'makeAbsolute', 'normalize', 'getTempFile', 'getTempPath', 'safeJoin', 'Stats', 'Dirent', 'Utf8Stream']);
/** And those that take two. */
const TWO_PATHS = /^(?:copyFile|cp|link|rename|copyRecursive|linkFile|move|unzipFile|zipFile|symlink)(?:Sync)?$/;

/** A file system whose functions look at the paths that they are given. */
export function guardFiles<Fs extends object>(fs: Fs, policy: ServicePolicy, ownFolder: string): Fs {
  const check = (name: string, values: readonly unknown[]): void => {
    for (const value of values.slice(0, TWO_PATHS.test(name) ? 2 : 1)) {
      const path = pathOf(value);
      if (path !== undefined && !policy.mayUseFile(path, ownFolder)) throw forbidden(`use the file "${path}"`);
    }
  };
  const guarded = Object.entries(fs).map(([name, value]: [string, unknown]) => {
    if (name === 'promises') return [name, guardFiles(value as object, policy, ownFolder)];
    if (typeof value !== 'function' || NO_PATH.has(name)) return [name, value];
    const proxy = new Proxy(value as AnyFunction & (new (...values: readonly unknown[]) => object), {
      apply: (target, self, values: readonly unknown[]) => {
        check(name, values);
        return Reflect.apply<unknown, readonly unknown[], unknown>(target, self, values);
      },
      construct: (target, values: readonly unknown[]) => {
        check(name, values);
        return Reflect.construct<readonly unknown[], object>(target, values);
      },
    });
    return [name, proxy];
  });
  return Object.fromEntries(guarded) as Fs;
}

/** Undefined for what is no path of a file. */
export function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof URL) return value.protocol === 'file:' ? fileURLToPath(value) : undefined;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined;
}

/**
 * Takes from the thread what no service may have: the variables of the environment, which are a copy of the process's, and connections to
 * elsewhere by whatever means.
 */
export function restrictThread(policy: ServicePolicy): void {
  for (const name of Object.keys(process.env)) if (!policy.mayReadVariable(name)) delete process.env[name];
  if (!policy.restrictsConnections) return;
  // oxlint-disable-next-line typescript/unbound-method -- called with the socket it is called on
  const connect = Socket.prototype.connect as (this: Socket, ...values: unknown[]) => Socket;
  Socket.prototype.connect = function connectIfAllowed(this: Socket, ...values: readonly unknown[]): Socket {
    const forms = formsOfConnection(values);
    if (!policy.mayConnect(forms)) throw forbidden(`connect to "${forms[0]}"`);
    return connect.apply(this, [...values]);
  };
}

interface ConnectOptions {
  readonly host?: string | undefined;
  readonly port?: number | string;
  readonly path?: string | null;
}

/** The arguments of `connect` in all their forms; `net` itself passes on an array of them. */
function formsOfConnection(values: readonly unknown[]): readonly string[] {
  const [first, second] = Array.isArray(values[0]) ? (values[0] as readonly unknown[]) : values;
  const isPath = typeof first === 'string' && Number.isNaN(Number(first));
  const options: ConnectOptions =
    typeof first === 'object' && first !== null
      ? first
      : isPath
        ? { path: first }
        : { port: first as number, host: typeof second === 'string' ? second : undefined };
  if (typeof options.path === 'string') return [`unix://${options.path}`];
  const { host = 'localhost', port = 0 } = options;
  const name = host.includes(':') ? `[${host}]` : host;
  return [
    `tcp://${name}:${port}`,
    `ssl://${name}:${port}`,
    `http://${name}:${port}/`,
    `https://${name}:${port}/`,
    ...(Number(port) === 80 ? [`http://${name}/`] : []),
    ...(Number(port) === 443 ? [`https://${name}/`] : []),
  ];
}
