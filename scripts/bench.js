// Runs a benchmark: `main` beside Fastify, or the one that is named first; peers are installed on first use, apart from the product.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root, run } from './prepare.js';

await prepare();
const folder = join(root, 'benches');
const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const isInstalled = Object.keys(dependencies).every((name) => existsSync(join(folder, 'node_modules', name)));
if (!isInstalled) run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
const [first = '', ...rest] = process.argv.slice(2);
const [name, inputs] = existsSync(join(folder, `${first}.js`)) ? [first, rest] : ['main', process.argv.slice(2)];
run(process.execPath, [join(folder, `${name}.js`), ...inputs]);
