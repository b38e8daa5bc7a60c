/** Requests of the tools over real sockets: what is sent and answered, and what a broken connection is. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { Connection, type Outgoing } from './connection.ts';

const GET: Outgoing = { method: 'GET', headers: {}, body: undefined, signal: undefined };

async function serve(context: TestContext, listener: RequestListener, path?: string): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => (path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve)));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

function connect(context: TestContext, path?: string): Connection {
  const connection = new Connection(path);
  context.after(() => connection.close());
  return connection;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  response.writeHead(body === 'bad' ? 400 : 200, { 'x-length': request.headers['content-length'] ?? 'none' });
  response.end(`${request.method} ${body}`);
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test('several requests go over one connection, and answers of any status are answers', async (context) => {
  const ports = new Set<number | undefined>();
  const server = await serve(context, (request, response) => {
    ports.add(request.socket.remotePort);
    void answer(request, response);
  });
  const connection = connect(context);
  const send = async (method: string, body?: string): Promise<readonly unknown[]> => {
    const { status, headers, bytes } = await connection.send(addressOf(server), { ...GET, method, body });
    return [status, headers['x-length'], bytes.toString()];
  };
  assert.deepEqual(await send('GET'), [200, 'none', 'GET ']);
  assert.deepEqual(await send('POST', 'müde'), [200, '5', 'POST müde']);
  assert.deepEqual(await send('DELETE', 'bad'), [400, '3', 'DELETE bad']);
  assert.equal(ports.size, 1);
});

test('a socket of the file system is a server, too', { skip: process.platform === 'win32' }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-socket-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'socket');
  await serve(context, (request, response) => response.end(request.url), path);
  const { bytes } = await connect(context, path).send('http://localhost/_api/version', GET);
  assert.equal(bytes.toString(), '/_api/version');
});

test('an answer that breaks off, one that was called off, and a closed door are errors', async (context) => {
  const server = await serve(context, (request, response) => {
    if (request.url !== '/broken') return;
    response.writeHead(200, { 'content-length': 100 });
    response.write('only this', () => response.destroy());
  });
  const connection = connect(context);
  await assert.rejects(connection.send(`${addressOf(server)}/broken`, GET), { code: 'ECONNRESET' });
  const calledOff = new AbortController();
  const waiting = connection.send(`${addressOf(server)}/silent`, { ...GET, signal: calledOff.signal });
  server.once('request', () => calledOff.abort());
  await assert.rejects(waiting, { name: 'AbortError' });
  const closed = addressOf(server);
  server.close();
  server.closeAllConnections();
  await assert.rejects(connection.send(closed, GET), (error: NodeJS.ErrnoException) => /ECONNREFUSED|ECONNRESET/.test(error.code ?? ''));
});
