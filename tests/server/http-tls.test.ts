/** Certificates: which one a client gets, by the name it asks for, and after they were read anew. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { asker } from '../support/ask.ts';
import { startServer } from '../support/server.ts';

const FIRST = 'tests/server/localhost.pem';
const RENEWED = 'tests/server/renewed.pem';

async function nameOfCertificate(port: number, servername?: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...(servername === undefined ? {} : { servername }) });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test('certificates are chosen by name, and reloaded without a restart', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-tls-'));
  const keyfile = join(folder, 'server.pem');
  copyFileSync(FIRST, keyfile);
  const server = await startServer({
    workers: 1,
    arguments: ['--server.endpoint=ssl://127.0.0.1:0', `--ssl.keyfile=${keyfile}`, `--ssl.server-name-indication=other.test=${RENEWED}`],
  });
  context.after(async () => {
    await server.dispose();
    rmSync(folder, { recursive: true });
  });
  let port: string | undefined;
  while ((port = /https:\/\/127\.0\.0\.1:(\d+)/.exec(server.output())?.[1]) === undefined)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const secure = Number(port);
  const ask = asker(server);
  const first = await nameOfCertificate(secure);
  assert.notEqual(first, 'renewed.test');
  assert.equal(await nameOfCertificate(secure, 'other.test'), 'renewed.test');
  assert.equal(await nameOfCertificate(secure, 'unknown.test'), first);

  copyFileSync(RENEWED, keyfile);
  assert.equal(await nameOfCertificate(secure), first);
  const before = (await ask('GET', '/_admin/server/tls')).body['result'] as { keyfile: { sha256: string; certificates: string[] } };
  assert.equal(before.keyfile.certificates.length, 1);
  assert.equal((await ask('POST', '/_admin/server/tls')).status, 200);
  while ((await nameOfCertificate(secure)) !== 'renewed.test') await new Promise((resolve) => setTimeout(resolve, 20));

  copyFileSync('package.json', keyfile);
  const broken = await ask('POST', '/_admin/server/tls');
  assert.deepEqual([broken.status, broken.body['errorNum']], [400, 7]);
  assert.equal(await nameOfCertificate(secure), 'renewed.test');
});
