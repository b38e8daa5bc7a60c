/**
 * The parts of the web interface that draw nothing have their tests beside them, in `web/src`. They are compiled as the browser's code is, which
 * this project's own compiler run leaves alone, and run here.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { TOKEN_CLASSES } from '../../src/aql/lexer.ts';

const source = resolve('web', 'src');
const tests = ['data', 'editor', 'graph', 'operations', 'queries'].flatMap((page) =>
  readdirSync(join(source, page), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join(source, page, path)),
);

const { KEYWORDS, OPERATOR_WORDS, CONSTANTS } = await compiled(
  [
    ...tests.map((path) => `import ${JSON.stringify(path)};`),
    `export * from ${JSON.stringify(join(source, 'queries', 'aql', 'tokens.ts'))};`,
  ].join('\n'),
);

test('the editor knows the keywords of the server', () => {
  const words = Object.keys(TOKEN_CLASSES).filter((kind) => /^[A-Z_]+$/.test(kind));
  assert.deepEqual([KEYWORDS, OPERATOR_WORDS, CONSTANTS].flatMap((known) => [...(known as Set<string>)]).toSorted(), words.toSorted());
});

async function compiled(contents: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-web-'));
  const outfile = join(folder, 'modules.mjs');
  try {
    const stdin = { contents, resolveDir: resolve('.'), loader: 'ts' } as const;
    await build({
      stdin,
      outfile,
      bundle: true,
      ignoreAnnotations: true,
      format: 'esm',
      platform: 'node',
      sourcemap: 'inline',
      logLevel: 'warning',
    });
    return (await import(pathToFileURL(outfile).href)) as Readonly<Record<string, unknown>>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
