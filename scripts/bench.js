// Runs the benchmarks; their peers are installed on first use, apart from the product.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, root, run } from './prepare.js';

await prepare();
const folder = join(root, 'benches');
if (!existsSync(join(folder, 'node_modules'))) run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
run(process.execPath, [join(folder, 'main.js'), ...process.argv.slice(2)]);
