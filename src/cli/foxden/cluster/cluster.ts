/** `foxden cluster`: the coordinators that share a database. */
import { command, repeated, required, single } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { SERVER_OPTIONS } from '../../server-options.ts';
import { withServer } from '../../with-server.ts';
import { checkCluster } from './check.ts';
import { printStatus } from './status.ts';

const { database: _database, ...OPTIONS } = SERVER_OPTIONS;

export const clusterCommand = command({
  name: 'cluster',
  summary: 'Look at, or check, coordinators that share a database',
  about: [
    '"status" lists the coordinators and whatever service is not the same on all of them. "check" looks at the database as each of them sees it, and then writes',
    'at all of them for a while, into a collection of its own, to see whether every acknowledged write is there afterwards: make the database fail over',
    'meanwhile, by hand or with --switchover-command. The exit code is 1 when something is wrong.',
  ].join(' '),
  arguments: { what: required('status or check') },
  options: {
    ...OPTIONS,
    seconds: { describe: 'How long check writes', type: 'number', default: 60 },
    'switchover-command': single({ describe: 'A command that makes the database fail over, for check', alias: 'exec' }),
    patroni: repeated({ describe: 'Where the REST interface of a Patroni is, for check: http://10.0.0.1:8008', default: [] }),
    json: { describe: 'Print what was found as JSON', type: 'boolean', default: false },
  },
  examples: [
    ['cluster status', 'Who is there'],
    ['cluster check --patroni http://db1:8008 --switchover-command "patronictl switchover --force"', 'Write while the primary changes'],
  ],
  run: (given) => {
    const { what } = given;
    if (what !== 'status' && what !== 'check') throw new Failure(`What is "${what}"? foxden cluster status, or foxden cluster check.`);
    const system = { ...given, database: '_system' };
    return withServer(system, (client) => (what === 'status' ? printStatus(client, system) : checkCluster(client, system)));
  },
});
