/** Three etcd on this machine, speaking the v2 API too, for Patroni to agree by. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, startDaemon, type Daemon } from './daemons.ts';

export interface TestEtcd {
  /** `127.0.0.1:2379`, of each. */
  readonly hosts: readonly string[];
  /** Kills the one that leads, and says which it was. */
  killLeader(): Promise<number>;
  /** Starts one again that was killed. */
  revive(place: number): Promise<void>;
  stop(): Promise<void>;
}

const SIZE = 3;
const START_LIMIT_MS = 60_000;
/** Longer than etcd's own, since other tests may keep the machine busy. */
const TIMES = ['--heartbeat-interval=200', '--election-timeout=2000'];

/** In a folder that daemons can write to. */
export async function startEtcd(folder: string): Promise<TestEtcd> {
  const ports = await freePorts(SIZE * 2);
  const nodes = Array.from({ length: SIZE }, (_, i) => ({
    name: `etcd${i}`,
    client: `http://127.0.0.1:${ports[2 * i]}`,
    peer: `http://127.0.0.1:${ports[2 * i + 1]}`,
  }));
  const cluster = nodes.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const start = (place: number): Daemon => {
    const { name, client, peer } = nodes[place]!;
    const args = [
      `--name=${name}`,
      `--data-dir=${join(folder, name)}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=${cluster}`,
      '--initial-cluster-state=new',
      '--enable-v2',
      '--log-level=warn',
      ...TIMES,
    ];
    return startDaemon('etcd', args, { folder });
  };
  const daemons = nodes.map((_, place) => start(place));

  async function isHealthy(place: number): Promise<boolean> {
    try {
      const answer = await fetch(`${nodes[place]!.client}/health`);
      return ((await answer.json()) as { readonly health?: unknown }).health === 'true';
    } catch {
      return false; // not yet, or not any more
    }
  }
  async function untilHealthy(places: readonly number[]): Promise<void> {
    for (const end = Date.now() + START_LIMIT_MS; !(await Promise.all(places.map(isHealthy))).every(Boolean); await sleep(100)) {
      const dead = places.find((place) => daemons[place]?.isRunning === false);
      if (Date.now() > end || dead !== undefined) throw new Error(`etcd did not start:\n${daemons[dead ?? 0]?.output() ?? ''}`);
    }
  }
  await untilHealthy([0, 1, 2]);

  return {
    hosts: nodes.map(({ client }) => client.replace('http://', '')),
    killLeader: async () => {
      const leads = await Promise.all(
        nodes.map(async ({ client }) => {
          const answer = await fetch(`${client}/v2/stats/self`);
          return ((await answer.json()) as { readonly state?: string }).state === 'StateLeader';
        }),
      );
      const leader = leads.indexOf(true);
      if (leader < 0) throw new Error('no etcd leads');
      await daemons[leader]?.end('SIGKILL');
      return leader;
    },
    revive: async (place) => {
      daemons[place] = start(place);
      await untilHealthy([place]);
    },
    stop: async () => {
      await Promise.all(daemons.map((daemon) => daemon.end('SIGKILL')));
    },
  };
}
