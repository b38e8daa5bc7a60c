/** `foxden cluster status`: who is there, and what each has of the services. */
import type { Client } from '../../client.ts';
import { green, info, json, red, table, yellow } from '../../output.ts';
import type { ServerGiven } from '../../server-options.ts';
import { connectTo, readStatus, type ClusterStatus, type Member } from './members.ts';

/** What one coordinator says of itself when it is asked. */
interface Asked {
  readonly id: string;
  readonly isLeader: boolean;
  readonly isCurrent: boolean;
}

/** The exit code: 1 when a coordinator is out of reach, or has another service than the others. */
export async function printStatus(client: Client, given: ServerGiven & { readonly json: boolean }): Promise<number> {
  const status = await readStatus(client);
  const asked = await askAll(given, status);
  const members = status.members.map((member) => ({ ...member, ...stateOf(member, asked.get(member.id)) }));
  const wrong = status.services.flatMap(({ database, mount, coordinators }) =>
    coordinators.filter(({ state }) => state !== 'current').map(({ id, state }) => ({ database, mount, id, state })),
  );
  const isWell = wrong.length === 0 && members.every(({ state }) => state === 'serving');
  if (given.json) {
    json({ members, services: status.services });
    return isWell ? 0 : 1;
  }
  info(
    table(
      ['COORDINATOR', 'ENDPOINT', 'VERSION', 'STARTED', 'HEARTBEAT', 'STATE', ''],
      members.map(({ id, endpoint, version, startedAt, secondsSinceHeartbeat, state, isLeader }) => [
        id,
        endpoint,
        version,
        new Date(startedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
        `${secondsSinceHeartbeat.toFixed(1)} s ago`,
        state === 'serving' ? green(state) : red(state),
        isLeader ? 'leader' : '',
      ]),
    ),
  );
  const count = status.services.length;
  info(`\n${count} service${count === 1 ? '' : 's'}${wrong.length === 0 && count > 0 ? ', the same everywhere' : ''}`);
  for (const { database, mount, id, state } of wrong) info(`${red('✗')} ${database} ${mount}: ${state} on ${id}`);
  for (const { database, mount, coordinators } of status.services) {
    const edited = coordinators.filter(({ edits }) => edits !== undefined).map(({ id }) => id);
    if (edited.length > 0) info(`${yellow('!')} ${database} ${mount}: changed in development mode on ${edited.join(', ')}`);
  }
  return isWell ? 0 : 1;
}

/** Those that answer. */
async function askAll(given: ServerGiven, { members }: ClusterStatus): Promise<ReadonlyMap<string, Asked>> {
  const clients = await connectTo(
    given,
    members.filter(({ isAlive }) => isAlive),
  );
  const answers = await Promise.allSettled(Array.from(clients.values(), (each) => readStatus(each)));
  for (const each of clients.values()) each.close();
  return new Map(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [[answer.value.id, answer.value] as const] : [])));
}

function stateOf({ isAlive }: Member, asked: Asked | undefined): { readonly state: string; readonly isLeader: boolean } {
  if (!isAlive) return { state: 'gone', isLeader: false };
  if (asked === undefined) return { state: 'unreachable from here', isLeader: false };
  return { state: asked.isCurrent ? 'serving' : 'waiting for the database', isLeader: asked.isLeader };
}
