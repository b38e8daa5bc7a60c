/** `foxden check`: asks a running server whether what it holds is whole. The exit code tells, so it can stand in a script. */
import { command, repeated } from '../command.ts';
import { green, info, json, red } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { withServer } from '../with-server.ts';
import { ProgressBar } from './progress.ts';
import { findServiceProblem } from './service-problem.ts';

interface Verified {
  readonly documents: number;
  readonly entries: number;
  readonly problems: readonly string[];
}

interface Finding {
  /** `shop/customers`, `shop service /cart` */
  readonly where: string;
  readonly what: string;
}

const { database: _database, ...OPTIONS } = SERVER_OPTIONS;

export const checkCommand = command({
  name: 'check',
  summary: 'Check that documents, indexes and services of a running server are whole',
  about: [
    'Reads every document of every collection and compares it with the entries of all indexes, as they were at one moment each; then',
    'asks each service whether it can be loaded. The server goes on answering. The exit code is 1 when something is wrong.',
  ].join(' '),
  arguments: {},
  options: {
    ...OPTIONS,
    only: repeated({ describe: 'Check this database; may be repeated [default: all]' }),
    json: { describe: 'Print what was found as JSON', type: 'boolean', default: false },
  },
  examples: [
    ['check', 'Check everything'],
    ['check --only shop --json', 'Check a database, for a script'],
  ],
  run: (given) =>
    withServer({ ...given, database: '_system' }, async (client) => {
      const { only = [] } = given;
      const bar = new ProgressBar({ isWanted: !given.json });
      const findings: Finding[] = [];
      const counts = { collections: 0, documents: 0, entries: 0, services: 0 };
      const all = (await client.json<{ readonly result: readonly string[] }>({ path: '/_api/database', database: '_system' })).result;
      for (const database of all.filter((name) => only.length === 0 || only.includes(name))) {
        const { result } = await client.json<{ readonly result: readonly { readonly name: string }[] }>({
          path: '/_api/collection',
          database,
        });
        bar.begin(database, result.length);
        for (const { name } of result) {
          const { documents, entries, problems } = await client.jsonAside<Verified>({
            path: `/_api/collection/${encodeURIComponent(name)}/verify`,
            database,
          });
          for (const what of problems) findings.push({ where: `${database}/${name}`, what });
          counts.collections++;
          counts.documents += documents;
          counts.entries += entries;
          bar.advance(1);
        }
        for (const { mount } of await client.json<readonly { readonly mount: string }[]>({ path: '/_api/foxx', database })) {
          const what = await findServiceProblem(client, database, mount);
          if (what !== undefined) findings.push({ where: `${database} service ${mount}`, what });
          counts.services++;
        }
        bar.stop();
      }
      if (given.json) json({ ...counts, problems: findings });
      else {
        for (const { where, what } of findings) info(`${red('✗')} ${where}: ${what}`);
        const { collections, documents, entries, services } = counts;
        const checked = `${collections} collections with ${documents} documents and ${entries} entries of indexes, ${services} services`;
        info(findings.length === 0 ? `${green('✓')} ${checked}: all is well.` : `${checked}: ${findings.length} problems.`);
      }
      return findings.length === 0 ? 0 : 1;
    }),
});
