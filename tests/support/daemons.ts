/**
 * Servers of others (PostgreSQL, Patroni, etcd, PgBouncer) as processes of a test: under another user where this one is root, killed, frozen and thawed with
 * all that they have started, and gone with the test, whatever becomes of that.
 *
 * `setpriv` becomes the program itself, so the process that is known here is the program's. No wrapper stands between that would stop with its
 * child or hide that the child is dead.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Daemon {
  readonly pid: number;
  readonly isRunning: boolean;
  /** The end of what it has said. */
  readonly output: () => string;
  /** Sends a signal that ends it, and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const OUTPUT_LIMIT = 200_000;
const GONE_LIMIT_MS = 60_000;

/** Whom servers run as that refuse to be root; undefined where nobody is root anyway. */
export const identity: Identity | undefined = process.getuid?.() === 0 ? nobody() : undefined;

/** `nobody`, as this machine numbers them. */
function nobody(): Identity {
  const [, , uid = '65534', gid = '65534'] =
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .find(([name]) => name === 'nobody') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

/** A folder that daemons can write to. */
export function daemonFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `foxden-${name}-`));
  chmodSync(folder, 0o755);
  if (identity !== undefined) chownSync(folder, identity.uid, identity.gid);
  return folder;
}

const running = new Set<ChildProcess>();
const atEnd = new Set<() => void>();

/** Runs when this process ends before `forget` was called, also by a signal. */
export function whenAbandoned(clean: () => void): { forget(): void } {
  atEnd.add(clean);
  return { forget: () => void atEnd.delete(clean) };
}

function abandon(): void {
  for (const child of running) child.kill('SIGKILL');
  for (const clean of atEnd) clean();
}
process.once('exit', abandon);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    abandon();
    process.kill(process.pid, signal);
  });
}

/** It dies with this process, even if that is killed: the kernel sees to it. */
export function startDaemon(command: string, args: readonly string[], { folder }: { readonly folder: string }): Daemon {
  const who = identity === undefined ? [] : [`--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups'];
  const child = spawn('setpriv', [...who, '--pdeathsig=KILL', '--', command, ...args], {
    cwd: folder,
    env: { ...process.env, HOME: folder, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-OUTPUT_LIMIT);
    });
  }
  running.add(child);
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      said += String(error);
      resolve();
    });
    child.once('exit', () => resolve());
  });
  void ended.then(() => running.delete(child));
  return {
    pid: child.pid ?? 0,
    get isRunning() {
      return running.has(child);
    },
    output: () => said,
    end: async (signal) => {
      if (running.has(child)) child.kill(signal);
      await ended;
    },
  };
}

/** Processes that were started by these, and by those, as long as they are their children. */
export function familyOf(pids: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const status = /^\d+$/.test(name) ? statusOf(Number(name)) : undefined;
    if (status === undefined || status.state === 'Z') continue;
    children.set(status.parent, [...(children.get(status.parent) ?? []), Number(name)]);
  }
  const family = [...pids];
  // It grows while it is walked.
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

/** Those that are gone already are passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** A zombie whose parent does not care is gone, too. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  const isThere = (pid: number): boolean => !['Z', 'X', undefined].includes(statusOf(pid)?.state);
  for (const end = Date.now() + GONE_LIMIT_MS; pids.some(isThere); await sleep(20)) {
    if (Date.now() > end) throw new Error(`processes ${pids.filter(isThere).join(', ')} do not end`);
  }
}

function statusOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    // The name of the program stands in brackets and may have any character in it.
    const [state = '', parent = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined; // gone between two looks
  }
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Ports that are free, all at the same time. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no free port');
      return address.port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
