/** Services that misbehave in every way, and their neighbours, which go on. Everything is one server, whose workers die and come again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inTime, serviceFolder, useFixtures, type Answer } from '../../support/fixtures.ts';

const fixtures = useFixtures(['hostile', 'hello-tour'], {
  arguments: ['--server.maximal-request-time=2', '--javascript.v8-max-heap=128', '--log.level=fatal', '--log.level=general=info'],
});
const { get } = fixtures;

const throwing = [...readFileSync(join(serviceFolder('hostile'), 'index.js'), 'utf8').matchAll(/^ {2}'?([a-z-]+)'?: (?:async )?\(/gm)].map(
  ([, name = '']) => name,
);

/** A new worker may need more than the limit to load a service. */
const answerOf = (path: string): Promise<Answer> => inTime(() => get(path));

/** Both answer: others, and what else the service itself has. */
async function assertAlive(after: string): Promise<void> {
  assert.equal((await answerOf('/hello-tour/hello_json')).status, 200, `a neighbour after ${after}`);
  assert.equal((await answerOf('/hostile/fine')).text, '{"fine":true}', `the service itself after ${after}`);
}

test('whatever a service throws, and wherever, is its own error', async () => {
  assert.ok(throwing.length >= 30);
  for (const name of throwing) {
    const { status, text } = await get(`/hostile/throw/${name}`);
    assert.ok(status === 200 || (status >= 400 && status < 600), `${name}: ${status} ${text}`);
    assert.doesNotMatch(text, /index\.js|of a /, `${name} tells nothing`);
    await assertAlive(name);
  }
  assert.equal(fixtures.server.process.exitCode, null);
});

test('what never ends, and what needs too much, is ended, and the others go on meanwhile', async () => {
  for (const [path, statuses] of [
    ['/loop', [504]],
    ['/loop-in-expression', [504]],
    // On a machine that is short of time, the limit of time may come first.
    ['/memory', [500, 504]],
    ['/memory-of-text', [500, 504]],
    ['/depth', [500]],
    ['/loop-in-timer', [200]],
    ['/loop-in-promise', [200, 500, 504]],
  ] as const) {
    const bad = get(`/hostile${path}`);
    await assertAlive(`the beginning of ${path}`);
    const { status, text } = await bad;
    assert.ok((statuses as readonly number[]).includes(status), `${path}: ${status} ${text}`);
    await assertAlive(path);
  }
});

test('several loops at once leave somebody to answer', async () => {
  const loops = [1, 2, 3].map(() => get('/hostile/loop'));
  for (let n = 0; n < 10; n++) assert.equal((await answerOf('/hello-tour/hello_json')).status, 200);
  for (const { status } of await Promise.all(loops)) assert.equal(status, 504);
  await assertAlive('the loops');
});
