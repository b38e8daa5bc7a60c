/** PgBouncer in transaction mode before a PostgreSQL, as operators put it there: a connection of a client has a server's for one transaction only. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { daemonFolder, freePorts, removeFolder, startDaemon } from './daemons.ts';
import { PROGRAMS } from './patroni.ts';

export interface TestPgBouncer {
  /** The same database as that of the URL, through the pooler. */
  through(url: string): string;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 60_000;

export async function startPgBouncer({ port, user }: { readonly port: number; readonly user: string }): Promise<TestPgBouncer> {
  const folder = daemonFolder('pgbouncer');
  const [own = 0] = await freePorts(1);
  const users = join(folder, 'users.txt');
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(users, `"${user}" ""\n`);
  writeFileSync(
    settings,
    `[databases]
* = host=127.0.0.1 port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
max_client_conn = 200
default_pool_size = 12
`,
  );
  const daemon = startDaemon(PROGRAMS.pgbouncer, [settings], { folder });
  for (const end = Date.now() + START_LIMIT_MS; !(await listens(own)); await sleep(50)) {
    if (!daemon.isRunning || Date.now() > end) throw new Error(`PgBouncer did not start:\n${daemon.output()}`);
  }
  return {
    through: (url) => Object.assign(new URL(url), { port: String(own) }).href,
    stop: async () => {
      await daemon.end('SIGKILL');
      removeFolder(folder);
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
