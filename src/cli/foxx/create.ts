/** `foxx init` and `foxx add …`: the files of a new service, and more files for one that is there. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { command, commandGroup, optional, required } from '../command.ts';
import { Failure } from '../failure.ts';
import { crudRouter, emptyRouter, emptyScript, emptyTest, filesOf, type NewService } from '#offers';

export const initCommand = command({
  name: 'init',
  summary: 'Create a new service',
  about: "Creates a new service's files in an empty or new folder.",
  arguments: { dest: optional("The folder [default: '.']") },
  options: {
    example: { describe: 'With a route that says hello', alias: 'e', type: 'boolean', default: false },
    interactive: { describe: 'Ask for name, collections and so on', alias: 'i', type: 'boolean', default: false },
  },
  examples: [
    ['init ./hello', 'A service with nothing in it'],
    ['init -i ./shop', 'One with collections and their routes, as you like it'],
  ],
  run: async ({ dest = '.', example, interactive }) => {
    const found = statSync(dest, { throwIfNoEntry: false });
    if (found?.isDirectory() === false) throw new Failure(`Destination "${dest}" is not a directory.`);
    if (found !== undefined && readdirSync(dest).length > 0) throw new Failure(`Refusing to write to non-empty directory "${dest}".`);
    const name = basename(resolve(dest));
    const plain: NewService = {
      name: example ? 'hello-world' : name,
      version: '0.0.0',
      engines: '^3.0.0',
      documentCollections: [],
      edgeCollections: [],
      hasRoutes: false,
      isExample: example,
      ...(example ? { description: 'A simple Hello World Foxx service', license: 'Apache-2.0', author: 'foxden' } : {}),
    };
    const service = interactive ? await (await import('./wizard.ts')).askForService(plain) : plain;
    for (const folder of ['api', 'scripts', 'test']) mkdirSync(join(dest, folder), { recursive: true });
    for (const [path, text] of filesOf(service)) writeFileSync(join(dest, path), text);
  },
});

const NAME = { name: required('Its name') };

const crud = command({
  name: 'crud',
  summary: 'Add routes that list, create, read, change and remove the documents of a collection',
  arguments: { collection: required('The collection, without the prefix of the service') },
  options: {
    edge: { describe: 'It is an edge collection', alias: 'e', type: 'boolean', default: false },
    unprefixed: { describe: 'Its name has no prefix', alias: 'u', type: 'boolean', default: false },
  },
  examples: [['add crud kittens', 'Adds api/kittens.js and mounts it']],
  run: ({ collection, edge, unprefixed }) => addRouter(collection, crudRouter(collection, { isEdge: edge, isPrefixed: !unprefixed })),
});

const router = command({
  name: 'router',
  summary: 'Add a router',
  arguments: NAME,
  options: {},
  examples: [['add router kittens', 'Adds api/kittens.js and mounts it']],
  run: ({ name }) => addRouter(name, emptyRouter()),
});

const script = command({
  name: 'script',
  summary: 'Add a script',
  arguments: NAME,
  options: {},
  examples: [['add script send-mail', 'Adds scripts/send-mail.js and names it in the manifest']],
  run: ({ name }) => {
    const manifest = readManifest();
    writeNew(`scripts/${name}.js`, emptyScript(), 'Script');
    writeManifest({ ...manifest, scripts: { ...(manifest['scripts'] as object | undefined), [name]: `scripts/${name}.js` } });
  },
});

const test = command({
  name: 'test',
  summary: 'Add a test',
  arguments: NAME,
  options: {},
  examples: [['add test login', 'Adds test/login.js, and names the folder in the manifest if no tests are']],
  run: ({ name }) => {
    const manifest = readManifest();
    writeNew(`test/${name}.js`, emptyTest(), 'Test');
    if (manifest['tests'] === undefined) writeManifest({ ...manifest, tests: 'test/**/*.js' });
  },
});

export const addCommand = commandGroup('add', [], 'Add files to the service in this folder', [crud, router, script, test]);

function addRouter(name: string, text: string): void {
  const { main } = readManifest();
  writeNew(`api/${name}.js`, text, 'Router');
  const path = typeof main === 'string' ? main : 'index.js';
  const before = existsSync(path) ? readFileSync(path, 'utf8').replace(/\n+$/, '\n') : `'use strict';\n`;
  const separator = /module\.context\.use\(.*\n$/.test(before) ? '' : '\n';
  writeFileSync(path, `${before}${separator}module.context.use('/${name}', require('./api/${name}'), '${name}');\n`);
}

function readManifest(): Readonly<Record<string, unknown>> {
  if (!existsSync('manifest.json')) throw new Failure('Current directory does not contain a manifest file.');
  try {
    return JSON.parse(readFileSync('manifest.json', 'utf8')) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new Failure(`The manifest is not a well-formed JSON file: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}

function writeManifest(manifest: object): void {
  writeFileSync('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
}

function writeNew(path: string, text: string, what: string): void {
  if (existsSync(path)) throw new Failure(`${what} "${resolve(path)}" already exists.`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
