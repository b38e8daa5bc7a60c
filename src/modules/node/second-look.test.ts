/** The moments of an upgrade, one by one: a folder that is not there, and one that is taken away while it is listed. */
import assert from 'node:assert/strict';
import nodeFs, { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { TestService, sourceOf, writeFiles } from '../../../tests/support/load-service.ts';
import { loadService } from '../run.ts';
import { serviceFs } from './fs.ts';
import { withSecondLook } from './second-look.ts';

type Fs = Record<string, (...values: readonly unknown[]) => unknown>;

/** A folder of a service, which is missing whenever `leave` has been called, until somebody waits for it. */
function placeOf(t: TestContext) {
  const root = writeFiles(t, { 'live/lib/a.txt': 'text', 'live/b.txt': 'b', 'other.txt': '' });
  const [live, taken] = [join(root, 'live'), join(root, 'taken')];
  const place = {
    root,
    live,
    waits: 0,
    leave: () => renameSync(live, taken),
    whileInPlace: <Result>(look: () => Result): Result => {
      place.waits++;
      if (existsSync(taken)) renameSync(taken, live);
      return look();
    },
  };
  return place;
}

test('what looks at a file of the service while its folder has no place finds it, and what is there costs no wait', (t) => {
  const place = placeOf(t);
  const fs = withSecondLook(serviceFs, place.live, place.whileInPlace) as Fs;
  const [file, folder] = [join(place.live, 'lib/a.txt'), join(place.live, 'lib')];
  const looks: Readonly<Record<string, () => unknown>> = {
    accessSync: () => fs['accessSync']?.(file) === undefined,
    adler32: () => fs['adler32']?.(file) === 0x046701c6,
    copyFile: () => fs['copyFile']?.(file, join(place.root, 'copy.txt')),
    copyFileSync: () => fs['copyFileSync']?.(file, join(place.root, 'copy.txt')) === undefined,
    copyRecursive: () => fs['copyRecursive']?.(folder, join(place.root, 'copy')),
    cpSync: () => fs['cpSync']?.(folder, join(place.root, 'copy'), { recursive: true }) === undefined,
    exists: () => fs['exists']?.(file),
    existsSync: () => fs['existsSync']?.(file),
    isDirectory: () => fs['isDirectory']?.(folder),
    isFile: () => fs['isFile']?.(file),
    list: () => String(fs['list']?.(folder)).includes('a.txt'),
    listTree: () => String(fs['listTree']?.(place.live)).includes(join('lib', 'a.txt')),
    lstatSync: () => fs['lstatSync']?.(file, { throwIfNoEntry: false }),
    mtime: () => Number(fs['mtime']?.(file)) > 0,
    openSync: () => fs['closeSync']?.(fs['openSync']?.(file)) === undefined,
    read: () => fs['read']?.(file) === 'text',
    read64: () => fs['read64']?.(file) === 'dGV4dA==',
    readBuffer: () => String(fs['readBuffer']?.(file)) === 'text',
    readFileSync: () => fs['readFileSync']?.(pathToFileURL(file), 'utf8') === 'text',
    readdirSync: () => String(fs['readdirSync']?.(place.live)).includes('lib'),
    realpathSync: () => String(fs['realpathSync']?.(file)).endsWith('a.txt'),
    size: () => fs['size']?.(file) === 4,
    statSync: () => fs['statSync']?.(Buffer.from(file)),
  };
  for (const [name, look] of Object.entries(looks)) {
    assert.ok(look(), name);
    assert.equal(place.waits, 0, `${name} waits for nothing`);
    place.leave();
    assert.ok(look(), `${name}, a second time`);
    assert.equal(place.waits, 1, name);
    place.waits = 0;
  }
  assert.equal(fs['existsSync']?.(join(place.live, 'none.txt')), false);
  assert.throws(() => fs['readFileSync']?.(join(place.live, 'none.txt')), { code: 'ENOENT' });
  assert.equal(place.waits, 2);
  assert.equal(fs['existsSync']?.(join(place.root, 'none.txt')), false);
  assert.equal(fs['existsSync']?.(`${place.live}-none`), false);
  assert.equal(place.waits, 2, 'elsewhere nothing takes the place of something');
});

test('a listing of a folder that is taken away meanwhile is made again', (t) => {
  const place = placeOf(t);
  let isFirst = true;
  const list = (path: string): string[] => {
    const found = isFirst ? ['of the one that goes'] : nodeFs.readdirSync(path);
    if (isFirst) place.leave();
    if (isFirst) mkdirSync(place.live);
    isFirst = false;
    return found;
  };
  const whileInPlace = <Result>(look: () => Result): Result => look();
  const fs = withSecondLook({ list }, place.live, whileInPlace) as { readonly list: typeof list };
  assert.deepEqual(fs.list(place.live), []);
});

test('in production a service has such a file system by both names, and in development Node’s own', (t) => {
  const place = placeOf(t);
  nodeFs.writeFileSync(
    join(place.live, 'index.js'),
    `
    const { join } = require('path');
    const fs = [require('fs'), require('node:fs')];
    const router = require('@arangodb/foxx/router')();
    router.get((req, res) => { res.json(fs.map((one) => one.existsSync(join(__dirname, 'lib/a.txt')))); });
    module.context.use(router);`,
  );
  const production = new TestService(loadService(sourceOf(place.live, { whileInPlace: place.whileInPlace })));
  place.leave();
  assert.deepEqual(production.get('/').json, [true, true]);
  const development = new TestService(loadService(sourceOf(place.live)));
  place.leave();
  assert.deepEqual(development.get('/').json, [false, false]);
});
