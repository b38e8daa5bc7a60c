import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Cluster } from '#cluster';
import { packFolder } from './bundle.ts';
import { ServiceFolders } from './folders.ts';
import { Rivals } from './rivals.ts';
import { ServiceStates } from './states.ts';

/** What two coordinators have published, as one of them sees it. */
function clusterOf(id: string, values: Map<string, { readonly member: string; readonly value: string }>): Cluster {
  const notes = new Map<string, bigint>();
  const seen: Partial<Cluster> = {
    id,
    published: (prefix) => [...values].flatMap(([name, { member, value }]) => (name.startsWith(prefix) ? [{ name, member, value }] : [])),
    publish: (name, value) => void (value === undefined ? values.delete(name) : values.set(name, { member: id, value })),
    note: (name) => notes.get(name),
    setNote: (name, value) => void notes.set(name, value),
  } as Partial<Cluster>;
  return seen as Cluster;
}

test('who is asked about edits looks at the files, also if it has not heard that the service is in development mode', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'foxden-rivals-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const folders = new ServiceFolders(root);
  const [live, bundle] = [folders.live('_system', '/two'), folders.bundle('_system', '/two')];
  for (const folder of [live, dirname(bundle)]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(live, 'manifest.json'), '{}');
  writeFileSync(join(live, 'index.js'), 'stored');
  writeFileSync(bundle, packFolder(live));
  writeFileSync(join(live, 'index.js'), 'edited');

  const inProduction = JSON.stringify({ identity: '1', is: 'current', development: false });
  const values = new Map([['service ["_system","/two"]', { member: 'asked', value: inProduction }]]);
  const cluster = clusterOf('asked', values);
  const states = new ServiceStates(cluster);
  const rivals = new Rivals({ cluster, folders, states });
  values.set('edits asked 1', { member: 'asker', value: '["_system","/two"]' });
  rivals.answer();
  assert.equal(values.get('edits told 1')?.member, 'asked');
  assert.ok(states.editsOf('_system', '/two'), 'the asker will find that the files are others');

  values.set('edits asked 2', { member: 'one of before', value: 'all' });
  rivals.answer();
  assert.equal(values.get('edits told 2')?.member, 'asked');
});
