/** What a coordinator tells of all of them (`GET /_admin/cluster/status`), and a client for each. */
import type { Client } from '../../client.ts';
import { Failure, ServerError } from '../../failure.ts';
import { connect, type ServerGiven } from '../../server-options.ts';

export interface Member {
  readonly id: string;
  readonly endpoint: string;
  readonly version: string;
  readonly startedAt: number;
  readonly secondsSinceHeartbeat: number;
  readonly isAlive: boolean;
}

export interface ServiceStanding {
  readonly database: string;
  readonly mount: string;
  readonly checksum?: string;
  readonly development: boolean;
  readonly coordinators: readonly { readonly id: string; readonly state: string; readonly edits?: string }[];
}

export interface ClusterStatus {
  /** Who answers. */
  readonly id: string;
  readonly isCurrent: boolean;
  readonly isLeader: boolean;
  readonly members: readonly Member[];
  readonly services: readonly ServiceStanding[];
}

const ONLY_ON_COORDINATOR = 1471;

/** Throws `Failure` when the server is alone. */
export async function readStatus(client: Client): Promise<ClusterStatus> {
  try {
    return await client.json<ClusterStatus>({ path: '/_admin/cluster/status', database: '_system' });
  } catch (error) {
    if (!(error instanceof ServerError) || error.errorNum !== ONLY_ON_COORDINATOR) throw error;
    throw new Failure('The server is no coordinator: several can share a PostgreSQL that --storage.url names.', { cause: error });
  }
}

/** With the same credentials. */
export async function connectTo(given: ServerGiven, members: readonly Member[]): Promise<ReadonlyMap<string, Client>> {
  const { server: _, ...same } = given;
  const clients = members.map(async ({ id, endpoint }) => [id, await connect({ ...same, server: endpoint })] as const);
  return new Map(await Promise.all(clients));
}
