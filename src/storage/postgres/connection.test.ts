/** A connection whose borrower still writes when it ends: its descriptor stays open for that moment, and nothing of it is read any more. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import type pg from 'pg';
import { eventually } from '../../../tests/support/fixtures.ts';
import { Connection } from './connection.ts';

/** A message that may come at any time, and says nothing. */
const NO_NOTICE = Buffer.from([0x4e, 0, 0, 0, 5, 0]);

async function connect(): Promise<{ readonly client: pg.Client; readonly server: Socket; readonly close: () => void }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const socket = createConnection((listener.address() as AddressInfo).port, '127.0.0.1');
  const [[server]] = (await Promise.all([once(listener, 'connection'), once(socket, 'connect')])) as [[Socket], unknown];
  server.on('error', () => undefined);
  return {
    client: { connection: { stream: socket } } as unknown as pg.Client,
    server,
    close: () => {
      server.destroy();
      listener.close();
    },
  };
}

for (const [how, end] of [
  ['is destroyed', (connection: Connection) => connection.destroy('trouble')],
  ['is closed by the server', (_: Connection, server: Socket) => server.resetAndDestroy()],
] as const) {
  test(`a connection that ${how} while its borrower writes is closed as soon as it does not, whatever comes meanwhile`, async () => {
    const { client, server, close } = await connect();
    const gone: Connection[] = [];
    const connection = new Connection(client, (ended) => gone.push(ended));
    let isWriting = true;
    let asked = 0;
    const lost: string[] = [];
    const breakOff = (): boolean => {
      asked++;
      return !isWriting;
    };
    connection.lend({ done: () => undefined, breakOff, lost: (reason) => lost.push(reason) });
    try {
      end(connection, server);
      if (!server.destroyed) for (let i = 0; i < 5; i++) server.write(NO_NOTICE);
      await eventually('its borrower to be asked', async () => asked > 20);
      assert.deepEqual(lost, [], 'nothing is told before');
      isWriting = false;
      await eventually('its end', async () => lost.length > 0 && gone.length > 0);
      assert.equal(lost.length, 1);
    } finally {
      isWriting = false;
      close();
    }
  });
}
