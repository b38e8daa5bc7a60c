/** What coordinators see of their database (`GET /_admin/cluster/database`), and what of it is as it should be. */
import type { ClusterStatus, Member } from './members.ts';
import { doubtful, well, wrong, type Finding } from './finding.ts';

export interface DatabaseReport {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly timeline?: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly standbys?: readonly { readonly name: string; readonly state: string; readonly sync: string; readonly lagSeconds: number }[];
  readonly isPooled: boolean;
  readonly keepsStatements: boolean;
  readonly notifies: boolean;
  readonly clockAheadMs: number;
  readonly roundTripMs: number;
  readonly lineage: { readonly identity: string; readonly epoch: string; readonly isGrowing: boolean; readonly highestSeen?: string };
  readonly poolSize: number;
}

const OLDEST_VERSION = 15;
/** Revisions are made by the coordinators' clocks. */
const CLOCK_LIMIT_MS = 1000;
const LAG_LIMIT_SECONDS = 10;
/** Of the connections that a server takes, some are not for everybody. */
const RESERVED_CONNECTIONS = 10;
/** A promoted standby is without followers until they try again. */
const RETRY_LIMIT_MS = 1000;

/** What all have in common comes first, as the first of them sees it. */
export function judgeDatabase(reports: ReadonlyMap<string, DatabaseReport>): readonly Finding[] {
  const [first] = reports.values();
  if (first === undefined) return [];
  return [
    judgeServer(reports, first),
    ...judgeReplication(first),
    ...judgeSettings(first),
    judgeConnections([...reports.values()], Number(first.settings['max_connections'] ?? 0)),
    ...Array.from(reports, ([id, report]) => judgeView(id, report)).flat(),
  ];
}

function judgeServer(reports: ReadonlyMap<string, DatabaseReport>, first: DatabaseReport): Finding {
  const { version, host, port, timeline } = first;
  const seen = new Set(Array.from(reports.values(), (report) => `${report.host}:${report.port} ${report.lineage.identity}`));
  if (seen.size > 1) return wrong(`the coordinators are on different databases: ${[...seen].join(', ')}`);
  const what = `PostgreSQL ${version} at ${host}:${port}${timeline === undefined ? '' : `, timeline ${timeline}`}`;
  return Number.parseInt(version, 10) < OLDEST_VERSION ? wrong(`${what}; foxden needs ${OLDEST_VERSION}`) : well(what);
}

function judgeReplication({ settings, standbys }: DatabaseReport): readonly Finding[] {
  const names = settings['synchronous_standby_names'] ?? '';
  if (standbys === undefined) return [doubtful('this user may not see who follows: GRANT pg_monitor TO it')];
  const findings = standbys.map(({ name, state, sync, lagSeconds }) => {
    const what = `standby ${name}: ${state}, ${sync}, ${lagSeconds.toFixed(1)} s behind`;
    return state === 'streaming' && lagSeconds < LAG_LIMIT_SECONDS ? well(what) : doubtful(what);
  });
  const synchronous = standbys.filter(({ sync }) => sync === 'sync' || sync === 'quorum');
  if (names === '') {
    return [...findings, doubtful('no synchronous standby: a failover of PostgreSQL itself may lose what was acknowledged right before')];
  }
  if (synchronous.length === 0) return [...findings, wrong(`no standby is synchronous (wanted: ${names}): nothing can be written`)];
  return [...findings, well(`commits wait for ${synchronous.map(({ name }) => name).join(', ')}`)];
}

function judgeSettings({ settings, standbys = [] }: DatabaseReport): readonly Finding[] {
  const findings: Finding[] = [];
  const commit = settings['synchronous_commit'] ?? 'on';
  if (commit === 'off') findings.push(wrong('synchronous_commit is off: a crash loses what was acknowledged right before'));
  if (commit === 'local') findings.push(doubtful('synchronous_commit is local: no standby is waited for'));
  if (settings['fsync'] === 'off') findings.push(wrong('fsync is off: a power cut destroys the data'));
  if (settings['full_page_writes'] === 'off') findings.push(doubtful('full_page_writes is off: a power cut may destroy pages'));
  const retry = settings['wal_retrieve_retry_interval'] ?? '';
  if (standbys.length > 0 && milliseconds(retry) > RETRY_LIMIT_MS)
    findings.push(doubtful(`wal_retrieve_retry_interval is ${retry}: for so long commits wait after a failover; 200ms is better`));
  return findings;
}

function judgeConnections(reports: readonly DatabaseReport[], most: number): Finding {
  const wanted = reports.reduce((sum, { poolSize }) => sum + poolSize, 0);
  const what = `the coordinators open ${wanted} connections at most (--storage.pool-size), the server takes ${most}`;
  return most === 0 || reports.some(({ isPooled }) => isPooled) || wanted + RESERVED_CONNECTIONS <= most ? well(what) : doubtful(what);
}

/** What each sees for itself. */
function judgeView(
  id: string,
  { isPooled, keepsStatements, notifies, clockAheadMs, roundTripMs, lineage }: DatabaseReport,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (isPooled && keepsStatements)
    findings.push(doubtful(`${id}: there is a pooler in between; in transaction mode it needs --storage.prepared-statements false`));
  else if (isPooled) findings.push(well(`${id}: there is a pooler in between, and connections keep no statements`));
  findings.push(
    notifies
      ? well(`${id}: notifications arrive`)
      : doubtful(`${id}: no notifications arrive, so changes are looked for only; --cluster.url may go past a pooler`),
  );
  const clocks = `${id}: its clock is ${Math.abs(clockAheadMs)} ms ${clockAheadMs < 0 ? 'behind' : 'ahead of'} the database's (± ${Math.ceil(roundTripMs)} ms)`;
  findings.push(Math.abs(clockAheadMs) > CLOCK_LIMIT_MS ? doubtful(clocks) : well(clocks));
  const { epoch, isGrowing, highestSeen } = lineage;
  if (highestSeen !== undefined && BigInt(epoch) < BigInt(highestSeen))
    findings.push(wrong(`${id}: the database has gone back in time: its epoch is ${epoch}, and ${highestSeen} was seen`));
  else
    findings.push(isGrowing ? well(`${id}: the lineage guard is at ${epoch}`) : wrong(`${id}: the lineage guard stands still at ${epoch}`));
  return findings;
}

/** Leases, by what one of them tells of all. */
export function judgeLeases({ members }: ClusterStatus): readonly Finding[] {
  return members.map(({ id, endpoint, isAlive, secondsSinceHeartbeat, version }: Member) => {
    const what = `${id} (${endpoint}, foxden ${version}): `;
    return isAlive ? well(`${what}renewed its lease ${secondsSinceHeartbeat.toFixed(1)} s ago`) : doubtful(`${what}is gone`);
  });
}

/** Of a setting with its unit: `5s`, `200ms`, `1min`. */
function milliseconds(setting: string): number {
  const [, number = '0', unit = ''] = /^(\d+)(ms|s|min)?$/.exec(setting) ?? [];
  return Number(number) * ({ ms: 1, s: 1000, min: 60_000 }[unit] ?? 1);
}
