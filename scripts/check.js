// All that must hold: format, lint, types, layers, dead code, and every test, the slow ones too; those of failovers where PostgreSQL and Patroni are installed.
import { root, run, tool, prepare } from './prepare.js';

await prepare();
tool('prettier', ['--check', '--cache', '--log-level', 'warn', '.']);
tool('oxlint', ['src', 'tests', 'benches', 'web']);
tool('depcruise', ['src', 'tests']);
tool('knip', []);
run(process.execPath, ['scripts/test.js', '--slow'], { cwd: root });
run(process.execPath, ['scripts/test-failover.js', '--if-there'], { cwd: root });
