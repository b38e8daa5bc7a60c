/** What `foxden cluster check` makes of what it is told: one thing is changed in a cluster where all is well, and that is found. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeDatabase, type DatabaseReport } from './database.ts';
import type { Finding } from './finding.ts';
import { judgePatroni, type PatroniReport } from './patroni.ts';

const DATABASE: DatabaseReport = {
  host: 'db1',
  port: 5432,
  version: '15.18 (Debian 15.18-0+deb12u1)',
  timeline: 3,
  settings: {
    synchronous_standby_names: '"node2"',
    synchronous_commit: 'on',
    fsync: 'on',
    full_page_writes: 'on',
    wal_retrieve_retry_interval: '200ms',
    max_connections: '200',
  },
  standbys: [
    { name: 'node2', state: 'streaming', sync: 'sync', lagSeconds: 0 },
    { name: 'node3', state: 'streaming', sync: 'async', lagSeconds: 0 },
  ],
  isPooled: false,
  keepsStatements: true,
  notifies: true,
  clockAheadMs: 3,
  roundTripMs: 1,
  lineage: { identity: '7', epoch: '100', isGrowing: true, highestSeen: '99' },
  poolSize: 32,
};
const { standbys: _hidden, ...WITHOUT_STANDBYS } = DATABASE;

const PATRONI: PatroniReport = {
  url: 'http://db1:8008',
  version: '3.0.3',
  role: 'master',
  state: 'running',
  settings: { ttl: 20, synchronous_mode: true, synchronous_mode_strict: true, failsafe_mode: true },
};

const troubles = (findings: readonly Finding[]): string[] =>
  findings.filter(({ is }) => is !== 'well').map(({ is, what }) => `${is}: ${what}`);
const ofSetting = (name: string, value: string): DatabaseReport => ({ ...DATABASE, settings: { ...DATABASE.settings, [name]: value } });

const DATABASES: readonly (readonly [DatabaseReport, RegExp | undefined])[] = [
  [DATABASE, undefined],
  [{ ...DATABASE, version: '14.9' }, /^wrong: PostgreSQL 14\.9 .* needs 15/],
  [ofSetting('synchronous_standby_names', ''), /^doubtful: no synchronous standby/],
  [WITHOUT_STANDBYS, /^doubtful: .*pg_monitor/],
  [{ ...DATABASE, standbys: [DATABASE.standbys![1]!] }, /^wrong: no standby is synchronous/],
  [
    { ...DATABASE, standbys: [DATABASE.standbys![0]!, { ...DATABASE.standbys![1]!, lagSeconds: 60 }] },
    /^doubtful: standby node3: .* 60\.0 s behind/,
  ],
  [ofSetting('synchronous_commit', 'off'), /^wrong: synchronous_commit/],
  [ofSetting('synchronous_commit', 'local'), /^doubtful: synchronous_commit/],
  [ofSetting('fsync', 'off'), /^wrong: fsync/],
  [ofSetting('full_page_writes', 'off'), /^doubtful: full_page_writes/],
  [ofSetting('wal_retrieve_retry_interval', '5s'), /^doubtful: wal_retrieve_retry_interval is 5s/],
  [ofSetting('max_connections', '40'), /^doubtful: .* 32 connections at most .* takes 40/],
  [{ ...DATABASE, isPooled: true }, /^doubtful: A: there is a pooler .*prepared-statements false/],
  [{ ...DATABASE, isPooled: true, keepsStatements: false }, undefined],
  [{ ...DATABASE, notifies: false }, /^doubtful: A: no notifications/],
  [{ ...DATABASE, clockAheadMs: -2500 }, /^doubtful: A: its clock is 2500 ms behind/],
  [{ ...DATABASE, lineage: { ...DATABASE.lineage, isGrowing: false } }, /^wrong: A: the lineage guard stands still/],
  [{ ...DATABASE, lineage: { ...DATABASE.lineage, highestSeen: '101' } }, /^wrong: A: the database has gone back in time/],
];

test('what is wrong or doubtful with a database is found, and nothing else', () => {
  for (const [report, expected] of DATABASES) {
    const found = troubles(judgeDatabase(new Map([['A', report]])));
    assert.equal(found.length, expected === undefined ? 0 : 1, found.join('\n'));
    if (expected !== undefined) assert.match(found[0] ?? '', expected);
  }
});

test('coordinators on different databases are found', () => {
  const other = { ...DATABASE, lineage: { ...DATABASE.lineage, identity: '8' } };
  const found = troubles(
    judgeDatabase(
      new Map([
        ['A', DATABASE],
        ['B', other],
      ]),
    ),
  );
  assert.match(found.join('\n'), /^wrong: the coordinators are on different databases: db1:5432 7, db1:5432 8/);
});

test('Patroni before 3.0.3 and what its settings give away are found', () => {
  const cases: readonly (readonly [Partial<PatroniReport>, RegExp | undefined])[] = [
    [{}, undefined],
    [{ version: '4.1.0' }, undefined],
    [{ version: '3.1.0', role: 'replica', state: 'streaming' }, undefined],
    [{ version: '3.0.2' }, /^doubtful: Patroni 3\.0\.2 .* etcd3/],
    [{ version: '2.1.7' }, /^doubtful: Patroni 2\.1\.7/],
    [{ state: 'starting' }, /^wrong: Patroni .* starting/],
    [{ settings: { ...PATRONI.settings, synchronous_mode: false } }, /^wrong: synchronous_mode is off/],
    [{ settings: { ...PATRONI.settings, synchronous_mode_strict: false } }, /^doubtful: synchronous_mode_strict/],
    [{ settings: { ...PATRONI.settings, failsafe_mode: false } }, /^doubtful: failsafe_mode/],
  ];
  for (const [change, expected] of cases) {
    const found = troubles(judgePatroni([{ ...PATRONI, ...change }]));
    assert.equal(found.length, expected === undefined ? 0 : 1, found.join('\n'));
    if (expected !== undefined) assert.match(found[0] ?? '', expected);
  }
});
