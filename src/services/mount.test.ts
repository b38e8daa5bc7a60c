import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMount, findMount, mountName } from './mount.ts';

const ILLEGAL: readonly (readonly [mount: string, message: string])[] = [
  ['hello', 'Mountpoint has to start with /.'],
  ['', 'Mountpoint has to start with /.'],
  ['/', 'Mountpoint can only contain a-z, A-Z, 0-9 or _.'],
  ['/hello/', 'Mountpoint can only contain a-z, A-Z, 0-9 or _.'],
  ['/he.llo', 'Mountpoint can only contain a-z, A-Z, 0-9 or _.'],
  ['/a//b', 'Mountpoint can only contain a-z, A-Z, 0-9 or _.'],
  ['/../b', 'Mountpoint can only contain a-z, A-Z, 0-9 or _.'],
  ['/a\n', 'Mountpoint can only contain a-z, A-Z, 0-9 or _.'],
  ['/_hello', '/_ apps are reserved for internal use.'],
  ['/1a', 'Mointpoints are not allowed to start with a number, - or %.'],
  ['/-a', 'Mointpoints are not allowed to start with a number, - or %.'],
  ['/%20', 'Mointpoints are not allowed to start with a number, - or %.'],
  ['/a/APP', 'Mountpoint is not allowed to contain /app/.'],
  ['/App/b', 'Mountpoint is not allowed to contain /app/.'],
];

test('an illegal mount is refused with error 3007 and its rule', () => {
  for (const [mount, message] of ILLEGAL) {
    assert.throws(() => checkMount(mount), { errorNum: 3007, code: 400, message: `invalid mountpath\n${message}` }, mount);
  }
  assert.throws(() => checkMount(`/${'a'.repeat(5000)}`), { errorNum: 3007 });
});

test('a legal mount is not refused', () => {
  for (const mount of ['/a', '/hello-foxx', '/a/b_c/d%20', '/_open/x', '/apple', '/happ/b']) checkMount(mount);
});

test('a path belongs to the longest mount above it', () => {
  const mounts = new Map([
    ['/a', 1],
    ['/a/b', 2],
  ]);
  assert.deepEqual(findMount(mounts, '/a/b/c'), ['/a/b', 2]);
  assert.deepEqual(findMount(mounts, '/a/bc'), ['/a', 1]);
  assert.deepEqual(findMount(mounts, '/a/'), ['/a', 1]);
  assert.equal(findMount(mounts, '/ab'), undefined);
  assert.equal(findMount(mounts, '/'), undefined);
});

test('files and collections are called after the mount', () => {
  assert.equal(mountName('/my-foxx/v1'), 'my_foxx_v1');
});
