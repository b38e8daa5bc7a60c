/** `foxden import`: all that an ArangoDB server holds, into a foxden server that runs. */
import { readFileSync } from 'node:fs';
import { Client } from '../client.ts';
import { command, repeated, single } from '../command.ts';
import { info, json } from '../output.ts';
import { connect, SERVER_OPTIONS } from '../server-options.ts';
import { runImport } from './import/import.ts';
import { ProgressFile } from './import/progress-file.ts';
import { ProgressBar } from './progress.ts';

const { database: _database, ...TARGET } = SERVER_OPTIONS;

export const importCommand = command({
  name: 'import',
  summary: 'Copy databases, users and services out of a running ArangoDB',
  about: [
    'Copies databases, collections with their documents and indexes, graphs, user functions, users and Foxx services from a server',
    'that runs to this one, and ends with a report of what is not as it was. Both servers go on answering. An import that was ended is',
    'started again with the same words, and goes on where it was.',
  ].join(' '),
  arguments: {},
  options: {
    ...TARGET,
    from: single({ describe: 'Where it is copied from: http://user:password@host:8529', demandOption: true }),
    'from-username': single({ describe: 'User to sign in as there' }),
    'from-password-file': single({ describe: 'File with the password for there' }),
    'from-token': single({ describe: 'Bearer token for there' }),
    only: repeated({ describe: 'Copy this database; may be repeated [default: all]' }),
    users: { describe: 'Copy users (--no-users: do not)', type: 'boolean', default: true },
    services: { describe: 'Copy Foxx services (--no-services: do not)', type: 'boolean', default: true },
    'batch-size': { describe: 'Documents in a batch', type: 'number', default: 2000, requiresArg: true },
    state: single({ describe: 'File that keeps how far it came [default: .foxden-import-….json here]' }),
    json: { describe: 'Print the report as JSON', type: 'boolean', default: false },
  },
  examples: [
    ['import --from http://root:secret@arango:8529', 'Copy everything to http://localhost:8529'],
    ['import --from http://arango:8529 --only shop -H http://foxden:8529', 'Copy one database to another server'],
  ],
  run: async (given) => {
    const { from, only = [], users, services, json: isJson } = given;
    const passwordFile = given['from-password-file'];
    const source = new Client({
      url: from,
      database: '_system',
      username: given['from-username'] ?? (given['from-token'] === undefined && !from.includes('@') ? 'root' : undefined),
      password: passwordFile === undefined ? undefined : readFileSync(passwordFile, 'utf8').replace(/[\r\n]/g, ''),
      token: given['from-token'],
    });
    const target = await connect({ ...given, database: '_system' });
    const bar = new ProgressBar({ isWanted: !isJson });
    const say = (text: string): void => {
      if (!isJson) info(text);
    };
    try {
      const progress = new ProgressFile(withoutCredentials(from), withoutCredentials(target.url), given.state);
      if (progress.wasThere) say(`Going on where ${progress.path} says.`);
      const report = await runImport({
        source,
        target,
        progress,
        databases: only,
        hasUsers: users,
        hasServices: services,
        batchSize: given['batch-size'],
        watcher: {
          step: (text) => {
            bar.stop();
            say(text);
          },
          begin: (label, total) => bar.begin(label, total),
          advance: (count) => bar.advance(count),
        },
      });
      bar.stop();
      progress.remove();
      if (isJson) json(report);
      else report.print();
      return report.remarks.some(({ is }) => is === 'lost') ? 2 : 0;
    } finally {
      bar.stop();
      source.close();
      target.close();
    }
  },
});

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1');
}
