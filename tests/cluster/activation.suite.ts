/** Three coordinators on one PostgreSQL, and how the tests of activation use them. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { zip, type Files } from '../support/bundles.ts';
import { startCluster, until, type TestCluster } from '../support/coordinators.ts';
import { askServer } from '../support/fixtures.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

const ZIP = { 'content-type': 'application/zip' };
export const ATOMIC = '&activation=atomic';

interface Body {
  readonly version?: string;
  readonly errorNum?: number;
  readonly errorMessage?: string;
  readonly activation?: { readonly coordinators: readonly string[] };
  readonly failures?: readonly { readonly coordinator: string; readonly errorNum: number; readonly errorMessage: string }[];
}

export interface Coordinators {
  readonly members: readonly TestServer[];
  readonly member: (place: number) => TestServer;
  readonly restart: (place: number) => Promise<unknown>;
  readonly install: (mount: string, files: Files) => Promise<unknown>;
  /** `more`: of the query. */
  readonly upgrade: (server: TestServer, mount: string, files: Files, more?: string) => Promise<readonly [status: number, body: Body]>;
  /** What every coordinator serves, as soon as that is the same. */
  readonly everywhere: (mount: string) => Promise<unknown>;
}

/** For the tests of a file. */
export function startCoordinators(): Coordinators {
  let postgres: TestPostgres;
  let cluster: TestCluster;
  before(async () => {
    postgres = await startPostgres({ settings: { fsync: 'off' } });
    cluster = await startCluster(await postgres.createDatabase(), 3, {
      arguments: ['--foxx.heal-interval=2', '--foxx.activation-wait=20', '--server.minimal-threads=2', '--server.maximal-threads=3'],
    });
  });
  after(async () => {
    await cluster.dispose();
    await postgres.stop();
  });

  const member = (place: number): TestServer => cluster.members[place] as TestServer;
  return {
    get members() {
      return cluster.members;
    },
    member,
    restart: (place) => cluster.restart(place),
    install: (mount, files) => send(member(0), 'POST', `/_api/foxx?mount=${mount}${ATOMIC}`, files),
    upgrade: (server, mount, files, more = ATOMIC) => send(server, 'PATCH', `/_api/foxx/service?mount=${mount}${more}`, files),
    everywhere: async (mount) => {
      const all = await until(
        () => Promise.all(cluster.members.map((server) => servedBy(server, mount))),
        (found) => new Set(found).size === 1,
      );
      return all[0];
    },
  };
}

async function send(server: TestServer, method: string, path: string, files: Files): Promise<readonly [status: number, body: Body]> {
  const { status, body } = await askServer(server, method, path, zip(files), ZIP);
  return [status, body];
}

export async function servedBy(server: TestServer, mount: string): Promise<unknown> {
  const { status, text } = await askServer(server, 'GET', mount);
  assert.equal(status, 200, text);
  return (JSON.parse(text) as readonly unknown[])[0];
}
