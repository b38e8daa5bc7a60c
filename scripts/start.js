// `npm start`: makes ready what is missing or stale, then starts a server to try things on: its data in ./foxden-data, the services of
// ./examples mounted, no password asked, reachable from this machine alone. Further options are passed on: `npm start -- --help`.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../bin/load.js';
import { prepare, root } from './prepare.js';

await prepare();

const folder = join(root, 'examples');
const examples = existsSync(folder) ? readdirSync(folder).filter((name) => existsSync(join(folder, name, 'manifest.json'))) : [];
const installs = examples.flatMap((name) => ['--foxx.install', `/${name}=${join(folder, name)}`]);
const defaults = ['--database.directory', join(root, 'foxden-data'), '--server.authentication=false', ...installs];

const { main } = await load('main');
const server = await main([...defaults, ...process.argv.slice(2)]);
const url = server?.urls[0];

if (url !== undefined) {
  const example = examples.includes('hello') ? 'hello' : examples[0];
  const lines = [
    ...(example === undefined ? [] : [`Open  ${url}/${example}`, '']),
    `Type  curl ${url}/_api/version`,
    `      curl -X POST ${url}/notes -H 'content-type: application/json' -d '{"text": "hello"}'`,
    `      npx -p foxx-cli@2.1.1 foxx list --server ${url}`,
    `      npx -p foxx-cli@2.1.1 foxx install --server ${url} /mine <folder of your service>`,
    '',
    'Ctrl+C ends it.',
  ];
  console.log(`\n${lines.map((line) => `  ${line}`.trimEnd()).join('\n')}\n`);
}
