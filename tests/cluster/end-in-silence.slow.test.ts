/** A coordinator that is told to stop while its database does not answer: it ends in time, and each request that was under way has an answer or a closed connection. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, signalAll } from '../support/daemons.ts';
import { startPostgres } from '../support/postgres.ts';
import { startServer } from '../support/server.ts';

/** What the option says, and some more for threads that must be ended, on a busy machine. */
const SHUTDOWN_S = 2;
const END_LIMIT_MS = 30_000;

test('a server ends although statements of its requests hang', async (t: TestContext) => {
  const postgres = await startPostgres();
  t.after(() => postgres.stop());
  const url = await postgres.createDatabase();
  const server = await startServer({
    arguments: [`--storage.url=${url}`, `--server.shutdown-timeout=${SHUTDOWN_S}`, '--storage.failover-timeout=600'],
  });
  t.after(() => server.dispose());
  assert.equal((await server.fetch('/_api/collection', { json: { name: 'people' } })).status, 200);
  const processes = familyOf([postgres.pid]);
  signalAll(processes, 'SIGSTOP');
  try {
    const action = `() => { const { db } = require('@arangodb'); db.people.save({}); return db.people.count(); }`;
    const asked = [
      server.fetch('/_api/document/people/one'),
      server.fetch('/_api/document/people', { json: { _key: 'one' } }),
      server.fetch('/_api/cursor', { json: { query: 'FOR p IN people RETURN p' } }),
      server.fetch('/_api/transaction', { json: { collections: { write: 'people' }, action } }),
    ].map((answer) =>
      answer.then(
        ({ status }) => status,
        () => 'closed',
      ),
    );
    await sleep(1000);
    const code = await Promise.race([server.stop(), sleep(END_LIMIT_MS, 'still there', { ref: false })]);
    assert.equal(code, 0, server.output());
    const answers = await Promise.all(asked);
    assert.deepEqual(
      answers.filter((answer) => answer !== 'closed' && answer !== 503),
      [],
    );
  } finally {
    signalAll(processes, 'SIGCONT');
  }
});
