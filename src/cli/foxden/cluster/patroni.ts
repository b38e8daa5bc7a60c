/** What Patroni tells of itself over its REST interface, where its addresses are given (`--patroni`), and what of it is as it should be. */
import { Failure } from '../../failure.ts';
import { doubtful, well, wrong, type Finding } from './finding.ts';

export interface PatroniReport {
  readonly url: string;
  readonly version: string;
  readonly role: string;
  readonly state: string;
  readonly settings: PatroniSettings;
}

interface PatroniSettings {
  readonly ttl?: number;
  readonly synchronous_mode?: boolean | string;
  readonly synchronous_mode_strict?: boolean;
  readonly failsafe_mode?: boolean;
  readonly maximum_lag_on_failover?: number;
}

/** Older ones write over the key of a new leader when a frozen one thaws, if they agree by etcd's v3 interface. */
const SAFE_VERSION = [3, 0, 3] as const;
const LIMIT_MS = 10_000;

export async function askPatroni(url: string): Promise<PatroniReport> {
  const base = url.replace(/\/$/, '');
  const get = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await fetch(base + path, { signal: AbortSignal.timeout(LIMIT_MS) });
    return (await answer.json()) as Readonly<Record<string, unknown>>;
  };
  try {
    const self = await get('/patroni');
    const { version = 'unknown' } = self['patroni'] as { readonly version?: string };
    return { url: base, version, role: String(self['role']), state: String(self['state']), settings: await get('/config') };
  } catch (error) {
    throw new Failure(`Patroni does not answer at ${base}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

export function judgePatroni(reports: readonly PatroniReport[]): readonly Finding[] {
  const [first] = reports;
  if (first === undefined) return [];
  return [...reports.map(judgeNode), ...judgeSettings(first.settings)];
}

function judgeNode({ url, version, role, state }: PatroniReport): Finding {
  const what = `Patroni ${version} at ${url}: ${role}, ${state}`;
  if (state !== 'running' && state !== 'streaming') return wrong(what);
  if (isSafe(version)) return well(what);
  return doubtful(`${what}; with etcd3 it may lose what was acknowledged when a frozen primary thaws: take 3.0.3, or its etcd driver`);
}

function isSafe(version: string): boolean {
  const parts = version.split('.').map(Number);
  const place = SAFE_VERSION.findIndex((wanted, i) => parts[i] !== wanted);
  return place < 0 || (parts[place] ?? 0) > SAFE_VERSION[place]!;
}

function judgeSettings(settings: PatroniSettings): readonly Finding[] {
  const { ttl, synchronous_mode: mode = false, synchronous_mode_strict: isStrict = false, failsafe_mode: isFailsafe = false } = settings;
  const findings: Finding[] = [];
  if (mode === false || mode === 'off') findings.push(wrong('synchronous_mode is off: a failover may lose what was acknowledged'));
  else if (!isStrict) findings.push(doubtful('synchronous_mode_strict is off: without a standby, commits are on one machine only'));
  else findings.push(well('synchronous_mode and synchronous_mode_strict are on'));
  if (!isFailsafe) findings.push(doubtful('failsafe_mode is off: when etcd is away, a healthy primary stops taking writes'));
  if (ttl !== undefined) findings.push(well(`a machine that is gone is replaced after about ${ttl} s (ttl)`));
  return findings;
}
