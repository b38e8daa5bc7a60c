// `npm start`: makes the checkout ready, then starts a server on `foxden-data/` with an example service, for a look around. What stands behind
// `npm start --` goes to the server as it is.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.js';

prepare();

const address = 'http://127.0.0.1:8529';
console.log(`
foxden is starting with an example service. Try:

  open   ${address}/notes                  the example's notes (a JSON list), and ${address}/notes/about
  type   curl -X POST ${address}/notes -H 'content-type: application/json' -d '{"text": "hello"}'
         curl ${address}/_api/version
         npx -p foxx-cli foxx list            with the server running, in another terminal

The data is in foxden-data/, the example in examples/notes/. Ctrl+C ends it.
`);

const server = spawn(
  process.execPath,
  [
    join(root, 'bin', 'foxden.js'),
    `--database.directory=${join(root, 'foxden-data')}`,
    '--server.endpoint=tcp://127.0.0.1:8529',
    '--server.authentication=false',
    `--foxx.install=/notes=${join(root, 'examples', 'notes')}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
// Ctrl+C reaches the server by itself.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
server.on('exit', (code) => process.exit(code ?? 1));
