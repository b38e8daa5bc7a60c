/**
 * The npm packages that ArangoDB gives to services, loaded when one is asked for and shared by all services of a thread. A service
 * that brings its own copy gets its own.
 *
 * They are the versions that ArangoDB documents, or the newest that behave alike. Where a newer one was needed for its fixes and has
 * another shape, an adapter here gives it the shape that services know.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findModule } from './resolve.ts';

/** A package of foxden's own, loaded when first needed and not when the thread starts. */
export const loadPackage: (name: string) => unknown = createRequire(import.meta.url);

interface Bundled {
  /** The package that stands for the name, when it is not of the same name. */
  readonly package?: string;
  readonly adapt?: (exports: unknown) => unknown;
}

type AnyFunction = (...values: readonly unknown[]) => unknown;

const BUNDLED: Readonly<Record<string, Bundled>> = {
  accepts: {},
  'ansi-html': {},
  ansi_up: {},
  aqb: {},
  'babel-code-frame': { package: '@babel/code-frame', adapt: (exports) => callable(exports as Record<string, unknown>, 'default') },
  chai: {},
  chalk: {},
  'content-disposition': {},
  dedent: {},
  'error-stack-parser': {},
  'expect.js': {},
  extendible: {},
  // What `graphql-sync` is made of, which services find beside it.
  graphql: {},
  'graphql-sync': { adapt: withLenientInputs },
  'highlight.js': {},
  'http-errors': {},
  i: {},
  'iconv-lite': {},
  joi: {},
  'joi-to-json-schema': {},
  'js-yaml': {},
  lodash: {},
  // What `lodash` is for services of ArangoDB 2.8.
  'lodash-3': {},
  // `marked(text)`: newer versions export an object, of which the function is one property.
  marked: { adapt: (exports) => callable(exports as Record<string, unknown>, 'marked') },
  'media-typer': {},
  'mime-types': {},
  minimatch: {},
  mocha: {},
  netmask: {},
  qs: {},
  'range-parser': {},
  semver: {},
  sinon: {},
  statuses: {},
  timezone: {},
  'type-is': {},
  underscore: {},
  vary: {},
  xmldom: { package: '@xmldom/xmldom' },
};

/** What transpiled TypeScript asks for: decorators, `using`. */
const RUNTIME = '@oxc-project/runtime/helpers/';

const INNER_FOLDER = '/node_modules/';

const loaded = new Map<string, { readonly exports: unknown }>();

/** The exports of a bundled package, or of a file in it (`lodash/fp`); undefined for a name that is none. */
export function findBundled(request: string): { readonly exports: unknown } | undefined {
  const known = loaded.get(request);
  if (known !== undefined) return known;
  if (request.startsWith(RUNTIME)) return { exports: loadPackage(request) };
  // In ArangoDB packages lie inside of those that need them; here they are neighbours.
  const inner = request.lastIndexOf(INNER_FOLDER);
  if (inner > 0) return findBundled(request.slice(inner + INNER_FOLDER.length));
  const slash = request.indexOf('/');
  const name = slash < 0 ? request : request.slice(0, slash);
  const entry = Object.hasOwn(BUNDLED, name) ? BUNDLED[name] : undefined;
  if (entry === undefined) return undefined;
  const packageName = entry.package ?? name;
  const path =
    slash < 0 || slash === request.length - 1 ? packageName : findModule(join(packageFolder(packageName), request.slice(slash + 1)));
  if (path === undefined) return undefined;
  const exports: unknown = loadPackage(path);
  const found = { exports: path === packageName && entry.adapt !== undefined ? entry.adapt(exports) : exports };
  loaded.set(request, found);
  return found;
}

/** Not by `require.resolve('x/package.json')`, which a package's `exports` may forbid. */
function packageFolder(name: string): string {
  const main = createRequire(import.meta.url).resolve(name);
  const marker = join('node_modules', ...name.split('/'));
  const end = main.lastIndexOf(marker);
  return end < 0 ? dirname(main) : main.slice(0, end + marker.length);
}

interface InputTypeConfig {
  readonly fields: object | (() => object);
}

/** Schemas for the version that ArangoDB has may put resolvers into input types; it ignores them, newer ones refuse. */
function withLenientInputs(exports: unknown): unknown {
  const { GraphQLInputObjectType: Base } = exports as { readonly GraphQLInputObjectType: new (config: InputTypeConfig) => object };
  class GraphQLInputObjectType extends Base {
    constructor({ fields, ...config }: InputTypeConfig) {
      super({ ...config, fields: () => withoutResolvers(typeof fields === 'function' ? (fields as () => object)() : fields) });
    }
  }
  return { ...(exports as object), GraphQLInputObjectType };
}

function withoutResolvers(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const { resolve: _resolve, ...others } = field as { readonly resolve?: unknown };
      return [name, others];
    }),
  );
}

function callable(exports: Record<string, unknown>, name: string): unknown {
  const call = exports[name] as AnyFunction;
  return Object.assign((...values: readonly unknown[]) => call(...values), exports);
}
