// Puts what was compiled into few files, `dist/bundle`: the program that users start. A thread that loads four files is ready in a
// fifth of the time that four hundred take, and the text of a program without comments is half as long in its memory.
//
// The programs of threads are found by what names them, `new URL('./x.js', import.meta.url)`. All that is written lies in one folder, so each
// such address is made one from there; what else asks where it lies cannot be bundled, and is refused here.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { parse } from 'acorn';
import { build } from 'esbuild';
import { root } from './prepare.js';

const SOURCE = join(root, 'dist', 'src');
const TARGET = join(root, 'dist', 'bundle');
const ADDRESS = /new URL\('(\.{1,2}\/[^']+)', import\.meta\.url\)/g;
const HARMLESS = /createRequire\(import\.meta\.url\)/g;

const isOfProgram = (path) => /(?<!\.test|\.suite)\.js$/.test(path);
const isOfTools = (path) => path.startsWith(join(SOURCE, 'cli') + sep);

/** What `bin` starts. Each is bundled apart from the server, and carries only what it needs of that. */
const TOOLS = ['foxden', 'foxx', 'foxx-manager'].map((name) => join(SOURCE, 'cli', name, 'program.js'));

/** `main`, `worker-worker`: the name of an entry in the one folder. */
function entryName(path) {
  return relative(SOURCE, path).replace(/\.js$/, '').split(sep).join('-');
}

function addresses(path, text) {
  return [...text.matchAll(ADDRESS)].map(([, address]) => resolve(dirname(path), address));
}

function relocate(path, text) {
  const moved = text.replace(ADDRESS, (_, address) => {
    const wanted = resolve(dirname(path), address);
    const to = isEntry(wanted) ? join(TARGET, `${entryName(wanted)}.js`) : wanted;
    const from = relative(TARGET, to).split(sep).join('/');
    return `new URL('${from.startsWith('.') ? from : `./${from}`}', import.meta.url)`;
  });
  const others = moved.replace(ADDRESS, '').replace(HARMLESS, '');
  if (others.includes('import.meta')) throw new Error(`${path}: this use of import.meta would not survive bundling`);
  return moved;
}

/** esbuild keeps comments inside classes, and one character in them that is not Latin-1 makes V8 keep the whole text at two bytes each. */
function withoutComments(text) {
  const comments = [];
  const onComment = (_isBlock, comment, start, end) => comments.push({ start, end, separator: comment.includes('\n') ? '\n' : ' ' });
  parse(text, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true, onComment });
  let at = 0;
  const kept = comments.map(({ start, end, separator }) => {
    const before = text.slice(at, start);
    at = end;
    return before + separator;
  });
  return kept.join('') + text.slice(at);
}

function isEntry(path) {
  return path.startsWith(SOURCE) && path.endsWith('.js');
}

function changedAtMs(path) {
  return statSync(join(root, 'dist', path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Does nothing when nothing has been compiled since the last time. */
export async function bundle() {
  if (changedAtMs('bundle/main.js') > changedAtMs('.tsbuildinfo')) return;
  const threads = readdirSync(SOURCE, { recursive: true })
    .filter(isOfProgram)
    .map((path) => join(SOURCE, path))
    .flatMap((path) => addresses(path, readFileSync(path, 'utf8')))
    .filter(isEntry);
  const isOfServer = (path) => !isOfTools(path);
  rmSync(TARGET, { recursive: true, force: true });
  // Threads share no code in memory. Apart from the others, the first carries only what it needs itself.
  await write([join(SOURCE, 'main.js')], 'first');
  await write([...new Set(threads.filter(isOfServer))], 'other');
  await write([...TOOLS, ...new Set(threads.filter(isOfTools))], 'tool');
}

async function write(entries, name) {
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((path) => ({ in: path, out: entryName(path) })),
    outdir: TARGET,
    bundle: true,
    splitting: true,
    chunkNames: `${name}-[hash]`,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [
      {
        name: 'addresses',
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.js$/ }, ({ path }) => ({
            contents: withoutComments(relocate(path, readFileSync(path, 'utf8'))),
            loader: 'js',
          })),
      },
    ],
    logLevel: 'warning',
  });
}
