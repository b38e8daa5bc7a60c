import assert from 'node:assert/strict';
import nodeFs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeFiles } from '../../../tests/support/load-service.ts';
import { serviceFs } from './fs.ts';

type Fs = Record<string, (...values: readonly unknown[]) => unknown>;
const fs = serviceFs as Fs;

const sortedNames = (name: 'list' | 'listTree', folder: string): string[] => {
  const names = fs[name]?.(folder);
  assert.ok(Array.isArray(names));
  return names.map(String).toSorted();
};

test('ArangoDB’s functions read and write files', (t) => {
  const folder = writeFiles(t, { 'a.txt': 'text', 'deep/b.txt': 'b' });
  const path = (name: string): string => join(folder, name);
  assert.equal(fs['read']?.(path('a.txt')), 'text');
  assert.equal(fs['read64']?.(path('a.txt')), 'dGV4dA==');
  assert.deepEqual(fs['readBuffer']?.(path('a.txt')), Buffer.from('text'));
  assert.deepEqual(fs['readFileSync']?.(path('a.txt')), Buffer.from('text'));
  assert.equal(fs['write']?.(path('w'), 'written'), true);
  assert.equal(fs['append']?.(path('w'), '!'), true);
  assert.equal(fs['read']?.(path('w')), 'written!');
  fs['write']?.(path('w'), Buffer.from([1, 2]));
  assert.equal(fs['size']?.(path('w')), 2);
  assert.ok(Number.isInteger(fs['mtime']?.(path('w'))));
  assert.deepEqual([fs['exists']?.(path('w')), fs['exists']?.(path('none'))], [true, false]);
  assert.deepEqual([fs['isFile']?.(path('w')), fs['isFile']?.(path('deep')), fs['isFile']?.(path('none'))], [true, false, false]);
  assert.deepEqual([fs['isDirectory']?.(path('w')), fs['isDirectory']?.(path('deep'))], [false, true]);
  assert.deepEqual(sortedNames('list', folder), ['a.txt', 'deep', 'w']);
  assert.deepEqual(sortedNames('listTree', folder), ['', 'a.txt', 'deep', 'deep/b.txt', 'w']);
  assert.throws(() => fs['read']?.(path('none')));
});

test('ArangoDB’s functions make, move, copy and remove', (t) => {
  const folder = writeFiles(t, { 'a.txt': 'text', 'deep/b.txt': 'b' });
  const path = (name: string): string => join(folder, name);
  fs['makeDirectory']?.(path('one'));
  fs['makeDirectoryRecursive']?.(path('two/three'));
  fs['copyFile']?.(path('a.txt'), path('one'));
  fs['copyFile']?.(path('a.txt'), path('one/c.txt'));
  fs['copyRecursive']?.(path('deep'), path('copy'));
  fs['move']?.(path('a.txt'), path('two/moved.txt'));
  fs['linkFile']?.(path('deep/b.txt'), path('link'));
  fs['chmod']?.(path('deep/b.txt'), '0600');
  assert.deepEqual(sortedNames('listTree', folder), [
    '',
    'copy',
    'copy/b.txt',
    'deep',
    'deep/b.txt',
    'link',
    'one',
    'one/a.txt',
    'one/c.txt',
    'two',
    'two/moved.txt',
    'two/three',
  ]);
  assert.equal(nodeFs.statSync(path('deep/b.txt')).mode & 0o777, 0o600);
  fs['remove']?.(path('link'));
  fs['removeDirectory']?.(path('two/three'));
  assert.throws(() => fs['removeDirectory']?.(path('two')));
  fs['removeDirectoryRecursive']?.(path('two'), true);
  assert.deepEqual(sortedNames('list', folder), ['copy', 'deep', 'one']);
});

test('zip files, and paths that stay inside', (t) => {
  const folder = writeFiles(t, { 'a.txt': 'text', 'deep/b.txt': 'b' });
  const path = (name: string): string => join(folder, name);
  fs['zipFile']?.(path('x.zip'), folder, ['a.txt', 'deep/b.txt']);
  fs['unzipFile']?.(path('x.zip'), path('out'), false, true);
  assert.equal(fs['read']?.(path('out/deep/b.txt')), 'b');
  assert.throws(() => fs['unzipFile']?.(path('x.zip'), path('out'), false, false), { errorNum: 16 });
  assert.throws(() => fs['zipFile']?.(path('x.zip'), folder, ['a.txt']), { errorNum: 16 });
  assert.equal(fs['safeJoin']?.(folder, 'a/../b'), path('b'));
  assert.throws(() => fs['safeJoin']?.(folder, '../b'), { errorNum: 10 });
  assert.equal(fs['makeAbsolute']?.('x'), join(process.cwd(), 'x'));
  assert.equal(fs['join']?.('a', '..', 'b'), 'b');
  assert.match(fs['getTempPath']?.() as string, /\/$/);
  const temporary = fs['getTempFile']?.() as string;
  assert.equal(fs['isFile']?.(temporary), true);
  fs['remove']?.(temporary);
  fs['write']?.(path('adler'), 'Wikipedia');
  assert.equal(fs['adler32']?.(path('adler')), 0x11e60398);
});

test('Node’s functions are Node’s, also where a name is both', async (t) => {
  const folder = writeFiles(t, { 'a.txt': 'text' });
  assert.equal(fs['statSync'], nodeFs.statSync);
  const exists = await new Promise((resolve) => fs['exists']?.(join(folder, 'a.txt'), resolve));
  assert.equal(exists, true);
  const descriptor = nodeFs.openSync(join(folder, 'a.txt'), 'r');
  const buffer = Buffer.alloc(4);
  await new Promise((resolve) => fs['read']?.(descriptor, buffer, 0, 4, 0, resolve));
  assert.equal(buffer.toString(), 'text');
  nodeFs.closeSync(descriptor);
  assert.equal((serviceFs as typeof nodeFs).promises, nodeFs.promises);
  assert.equal(
    Object.keys(nodeFs).every((name) => name in serviceFs),
    true,
  );
});
