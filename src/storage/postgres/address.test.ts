import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '#base';
import { describeAddress, isOnThisMachine, parseAddress, tlsAttempts } from './address.ts';

test('reads an address with several hosts and settings', () => {
  const address = parseAddress(
    'postgresql://me%40home:s%3Ac%2Fret@one:5433,[::1],three/data%20base?sslmode=verify-full&target_session_attrs=any&connect_timeout=7',
  );
  assert.deepEqual(address.hosts, [
    { host: 'one', port: 5433 },
    { host: '::1', port: 5432 },
    { host: 'three', port: 5432 },
  ]);
  assert.equal(address.user, 'me@home');
  assert.equal(address.password, 's:c/ret');
  assert.equal(address.database, 'data base');
  assert.equal(address.session, 'any');
  assert.equal(address.connectTimeoutMs, 7000);
  assert.equal(describeAddress(address), 'postgres://me@home@one:5433,::1:5432,three:5432/data base');
});

test('fills in what an address leaves out, as libpq does', () => {
  assert.deepEqual(parseAddress('postgres://ada@').hosts, [{ host: 'localhost', port: 5432 }]);
  assert.equal(parseAddress('postgres://ada@host').database, 'ada');
  assert.equal(parseAddress('postgres://ada@host/').session, 'read-write');
  assert.deepEqual(parseAddress('postgres:///db?host=a,b&port=1,2').hosts, [
    { host: 'a', port: 1 },
    { host: 'b', port: 2 },
  ]);
});

test('refuses what is no address', () => {
  for (const url of [
    'mysql://a/b',
    'postgres://host:0/db',
    'postgres://host:x/db',
    'postgres://a,,b/db',
    'postgres://host/db?sslmode=perhaps',
    'postgres://host/db?connect_timeout=soon',
    'postgres://%zz@host/db',
  ]) {
    assert.throws(() => parseAddress(url), ConfigError, url);
  }
});

test('asks for TLS as its mode says', () => {
  const attempts = (mode: string): unknown[] =>
    tlsAttempts(parseAddress(`postgres://host/db?sslmode=${mode}`), 'host').map((one) => (one === false ? false : one.rejectUnauthorized));
  assert.deepEqual(attempts('disable'), [false]);
  assert.deepEqual(attempts('allow'), [false, false]);
  assert.deepEqual(attempts('prefer'), [false, false]);
  assert.deepEqual(attempts('require'), [false]);
  assert.deepEqual(attempts('verify-ca'), [true]);
  assert.deepEqual(attempts('verify-full'), [true]);
});

for (const [url, isNear] of [
  ['postgres://', true],
  ['postgres://me@localhost:5433/db', true],
  ['postgres://127.0.0.2,[::1]/db', true],
  ['postgres:///db?host=/run/postgresql', true],
  ['postgres://localhost,other/db', false],
  ['postgres://localhost.example/db', false],
  ['postgres://10.127.0.1/db', false],
] as const) {
  test(`${url} is ${isNear ? '' : 'not '}on this machine`, () => assert.equal(isOnThisMachine(parseAddress(url)), isNear));
}
