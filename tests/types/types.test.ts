/** `@foxden/types`: a strict compiler accepts a service that uses them, and they name what a service finds at run time, no more and no less. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';
import { loadService } from '#modules';
import { openDatabase, runCode, sourceOf } from '../support/load-service.ts';

const ROOT = process.cwd();

function compile(project: string): string {
  const { stdout, status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', project], {
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout;
}

test('a service in strict TypeScript compiles, and runs as it is', async (t) => {
  assert.equal(compile('tests/types'), '');
  const { databases } = openDatabase(t);
  const folder = resolve('tests/types/service');
  const service = loadService(sourceOf(folder, { database: databases.get('_system') }, { main: 'index.ts', name: 'typed' }));
  assert.equal(typeof service.handle, 'function');
  assert.deepEqual(Object.keys(service.documentation['paths'] as object).toSorted(), ['/api/all', '/api/notes', '/api/notes/{key}']);
});

/** Modules whose exports are compared name by name. */
const MODULES = [
  '@arangodb',
  '@arangodb/actions',
  '@arangodb/aql/cache',
  '@arangodb/aql/explainer',
  '@arangodb/aql/functions',
  '@arangodb/aql/plan-cache',
  '@arangodb/aql/queries',
  '@arangodb/crypto',
  '@arangodb/errors',
  '@arangodb/foxx',
  '@arangodb/foxx/manager',
  '@arangodb/foxx/mocha',
  '@arangodb/foxx/queues',
  '@arangodb/general-graph',
  '@arangodb/locals',
  '@arangodb/mocha',
  '@arangodb/request',
  '@arangodb/tasks',
  '@arangodb/users',
  '@arangodb/util',
];

/** And those that are one function each. */
const FUNCTIONS = [
  '@arangodb/foxx/auth',
  '@arangodb/foxx/graphql',
  '@arangodb/foxx/oauth1',
  '@arangodb/foxx/oauth2',
  '@arangodb/foxx/router',
  '@arangodb/foxx/sessions',
  '@arangodb/foxx/sessions/storages/collection',
  '@arangodb/foxx/sessions/storages/jwt',
  '@arangodb/foxx/sessions/transports/cookie',
  '@arangodb/foxx/sessions/transports/header',
];

/** Types of objects, and code that makes one. */
const OBJECTS: Readonly<Record<string, string>> = {
  "import('@arangodb').Database": `db`,
  "import('@arangodb').ArangoCollection": `db._create('made')`,
  "import('@arangodb').ArangoQueryCursor": `db._query('RETURN 1')`,
  "import('@arangodb').ArangoStatement": `db._createStatement('RETURN 1')`,
  "import('@arangodb').SimpleQuery": `db._create('other').all()`,
  "import('@arangodb/locals').Context": `context`,
  "import('@arangodb/foxx/router').Router": `require('@arangodb/foxx/router')()`,
  "import('@arangodb/foxx/router').Endpoint": `require('@arangodb/foxx/router')().get('/', () => {})`,
  "import('@arangodb/general-graph').Graph": `require('@arangodb/general-graph')._create('g', [require('@arangodb/general-graph')._relation('r', ['v'], ['v'])])`,
};

/** What foxden's own objects have besides, for itself. */
const INTERNAL = new Set(
  `deprecated isDeprecated route routes middleware namedRoutes methods handlers summaryText descriptionText requestBody securities securitySchemes
  headers pathParams queryParams responses tags path name _PRINT _queries _analyzers _userFunctions _documents _countTotal toString toJSON`.split(
    /\s+/,
  ),
);

const NAMES = `
  const namesOf = (value) => {
    const found = new Set();
    for (let at = value; at && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) if (!/^(constructor|length|name|prototype|caller|arguments)$/.test(name) || (name === 'name' && typeof value === 'object')) found.add(name);
    }
    return [...found];
  };`;

/** The names that a service finds. */
function runtimeNames(t: TestContext): Readonly<Record<string, readonly string[]>> {
  const { databases } = openDatabase(t);
  const code = `${NAMES}
    const names = {};
    for (const name of ${JSON.stringify(MODULES)}) names[name] = namesOf(require(name));
    ${Object.entries(OBJECTS)
      .map(([type, make]) => `names[${JSON.stringify(type)}] = namesOf(${make});`)
      .join('\n')}
    for (const name of ${JSON.stringify(FUNCTIONS)}) if (typeof require(name) !== 'function') throw new Error(name);
    return names;`;
  return runCode(t, code, { database: databases.get('_system') }) as Readonly<Record<string, readonly string[]>>;
}

test('the declarations and what is there at run time have the same names', (t) => {
  const lines = [
    `type Known<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : symbol extends K ? never : K extends symbol ? never : K]: T[K] };`,
    `type Differ<A, B> = [Exclude<A, B>, Exclude<B, A>] extends [never, never] ? never : { missing: Exclude<A, B>; tooMuch: Exclude<B, A> };`,
  ];
  for (const [subject, all] of Object.entries(runtimeNames(t))) {
    const isModule = !subject.startsWith('import(');
    const names = isModule ? all : all.filter((name) => !INTERNAL.has(name));
    const union = names.map((name) => JSON.stringify(name)).join(' | ');
    const declared = isModule
      ? `Exclude<Known<typeof import('${subject}')>, 'default' | 'module.exports'>`
      : `Exclude<Known<${subject}>, ${[...INTERNAL].map((name) => `'${name}'`).join(' | ')}>`;

    lines.push(`const show${lines.length}: (value: Differ<${union}, ${declared}>) => never = (value) => value;`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'foxden-types-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'check.ts'), `${lines.join('\n')}\nexport {};\n`);
  const config = JSON.parse(readFileSync('tests/types/tsconfig.json', 'utf8')) as { compilerOptions: object };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...config.compilerOptions, typeRoots: [join(ROOT, 'node_modules/@types')] },
      files: [join(ROOT, 'types/index.d.ts'), 'check.ts'],
    }),
  );
  assert.equal(compile(folder), '');
});
