import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceClock } from '#base';
import { createAuth } from '../foxx/auth.ts';
import * as crypto from './crypto.ts';

test('hashes, keyed hashes and derived keys are those of the published examples', () => {
  assert.equal(crypto.md5('abc'), '900150983cd24fb0d6963f7d28e17f72');
  assert.equal(crypto.sha1('abc'), 'a9993e364706816aba3e25717850c26c9cd0d89d');
  assert.equal(crypto.sha224(''), 'd14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f');
  assert.equal(crypto.sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(crypto.sha384('').slice(0, 16), '38b060a751ac9638');
  assert.equal(crypto.sha512('').slice(0, 16), 'cf83e1357eefb8bd');
  assert.equal(crypto.hmac('Jefe', 'what do ya want for nothing?'), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
  assert.equal(crypto.hmac('Jefe', 'what do ya want for nothing?', 'md5'), '750c783e6ab0b503eaa86e310a5db738');
  assert.equal(crypto.pbkdf2('salt', 'password', 1, 20), '0c60c80f961f0e71f3a9b524af6012062fe037a6');
});

test('one-time passwords are those of RFC 4226 and RFC 6238', (t) => {
  const key = '12345678901234567890';
  const expected = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'];
  assert.deepEqual(
    expected.map((_, counter) => crypto.hotpGenerate(key, counter)),
    expected,
  );
  assert.deepEqual(crypto.hotpVerify('969429', key, 1), { delta: 2 });
  assert.equal(crypto.hotpVerify('969429', key, 0, 2), null);
  t.after(replaceClock({ now: () => 1_111_111_109_000, monotonic: () => 0 }));
  assert.equal(crypto.totpGenerate(key), '081804');
  assert.deepEqual(crypto.totpVerify('081804', key), { delta: 0 });
  assert.equal(crypto.totpVerify('081805', key), null);
});

test('tokens: what is signed is read, what was changed is not', () => {
  const token = crypto.jwtEncode('secret', { sub: 'ada' }, 'hs512');
  assert.deepEqual(crypto.jwtDecode('secret', token), { sub: 'ada' });
  assert.deepEqual(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()), { typ: 'JWT', alg: 'HS512' });
  assert.throws(() => crypto.jwtDecode('other', token), /Signature verification failed/);
  const [head, , signature] = token.split('.');
  const forged = `${head}.${Buffer.from('{"sub":"eve"}').toString('base64url')}.${signature}`;
  assert.throws(() => crypto.jwtDecode('secret', forged), /Signature verification failed/);
  assert.deepEqual(crypto.jwtDecode('secret', forged, true), { sub: 'eve' });
  const unsigned = crypto.jwtEncode(undefined, { sub: 'ada' }, 'none');
  assert.deepEqual(crypto.jwtDecode(undefined, unsigned), { sub: 'ada' });
  assert.throws(() => crypto.jwtDecode('secret', unsigned), /Signature verification failed/);
  assert.throws(() => crypto.jwtEncode('secret', {}, 'none'), /none/);
  assert.throws(() => crypto.jwtEncode('secret', {}, 'RS256'), /Unknown algorithm "RS256"/);
  assert.throws(() => crypto.jwtDecode('secret', 'a.b'), /Wrong number/);
  assert.equal(crypto.jwtDecode('secret', ''), null);
});

test('random texts have their length and alphabet', () => {
  assert.match(crypto.genRandomNumbers(20), /^\d{20}$/);
  assert.match(crypto.genRandomAlphaNumbers(20), /^[0-9A-Za-z]{20}$/);
  assert.equal(crypto.genRandomSalt(20).length, 20);
  assert.equal(crypto.genRandomBytes(20).length, 20);
  assert.match(crypto.uuidv4(), /^[0-9a-f-]{36}$/);
  assert.ok(Number.isInteger(crypto.rand()));
});

test('a nonce counts once, and not when it is old', (t) => {
  const nonce = crypto.createNonce();
  assert.equal(crypto.checkAndMarkNonce(nonce), true);
  assert.equal(crypto.checkAndMarkNonce(nonce), false);
  assert.equal(crypto.checkAndMarkNonce('garbage'), false);
  const old = crypto.createNonce();
  const now = Date.now();
  t.after(replaceClock({ now: () => now + 2 * 60 * 60 * 1000, monotonic: () => 0 }));
  assert.equal(crypto.checkAndMarkNonce(old), false);
});

test('passwords are verified by any method, and nothing is no password', () => {
  for (const method of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'pbkdf2']) {
    const auth = createAuth({ method, saltLength: 20, workFactor: 0.01 });
    const data = auth.create('secret');
    assert.equal(data.method, method);
    assert.equal(data.salt?.length, 20);
    assert.equal(auth.verify(data, 'secret'), true, method);
    assert.equal(auth.verify(data, 'Secret'), false, method);
    assert.equal(createAuth().verify(data, 'secret'), true, `${method} by what is stored`);
    for (const nothing of [undefined, null, {}, { hash: '' }, '']) assert.equal(auth.verify(nothing, 'secret'), false, method);
    assert.equal(auth.verify(), false);
  }
  assert.equal(createAuth('sha1').verify(crypto.sha1('secret'), 'secret'), true);
  const slow = createAuth({ method: 'pbkdf2', workFactor: 2 }).create('x').iter ?? 0;
  const fast = createAuth({ method: 'pbkdf2' }).create('x').iter ?? 0;
  assert.ok(slow > fast * 1.9);
});
