/** Requests at a coordinator without a lease: one that nobody has joined has none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '#base';
import { createSharedClusterMemory, joinShared } from '#cluster';
import { createLeaseWait } from './lease-wait.ts';

const HOUR_MS = 3_600_000;

const wait = createLeaseWait({
  cluster: joinShared(createSharedClusterMemory(), { id: 'CRDN-a' }),
  ownPath: '/_own/',
  waitMs: HOUR_MS,
  answer: () => assert.fail('nothing is answered without a lease'),
});

function request(url: string): HttpRequest {
  const place = { remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 2 };
  return { method: 'GET', url, headers: {}, body: new Uint8Array(), isSecure: false, ...place };
}

test('the time in the queue counts as waiting', async () => {
  const answer = await wait(request('/_api/document/wares/1'), HOUR_MS);
  assert.equal(answer?.status, 503);
  assert.notEqual(answer?.headers['retry-after'], undefined);
});

test('what tells of the coordinator itself does not wait, nor what it asks of itself', () => {
  for (const url of ['/_admin/cluster/status', '/_db/shop/_admin/server/availability', '/_own/look'])
    assert.equal(wait(request(url), 0), undefined);
});
