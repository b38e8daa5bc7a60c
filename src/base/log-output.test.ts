import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DEFAULT_CONFIG } from './config.ts';
import { log, setLogLevel } from './log.ts';
import { createLogMemory, LogMemory } from './log-memory.ts';
import { attachLog } from './log-output.ts';
import type { Config } from './options.ts';

function attach(context: TestContext, options: (folder: string) => Partial<Config>): { memory: LogMemory; read: (name: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-log-'));
  const memory = createLogMemory();
  const detach = attachLog(memory, { ...DEFAULT_CONFIG, ...options(folder) });
  context.after(() => {
    detach();
    setLogLevel('info');
    rmSync(folder, { recursive: true });
  });
  return { memory: new LogMemory(memory), read: (name) => readFileSync(join(folder, name), 'utf8') };
}

test('lines go to the output of their topic, and to the memory', (context) => {
  const { memory, read } = attach(context, (folder) => ({
    'log.level': ['all=warning', 'queries=debug', 'info'],
    'log.output': [`file://${folder}/all`, `queries=file://${folder}/queries`],
  }));
  log.info('general', 'one');
  log.info('http', 'not said');
  log.debug('queries', 'two');
  log.error('http', 'three');
  assert.match(read('all'), /^\S+Z \[\d+\] INFO \{general\} one\n\S+ \[\d+\] ERROR \{http\} three\n$/);
  assert.match(read('queries'), /DEBUG \{queries\} two\n$/);
  assert.deepEqual(
    memory.entries().map(({ id, level, topic, message }) => [id, level, topic, message]),
    [
      [0, 'info', 'general', 'one'],
      [1, 'error', 'http', 'three'],
    ],
  );
});

test('what a client sent cannot look like another line', (context) => {
  const { read } = attach(context, (folder) => ({ 'log.file': join(folder, 'log') }));
  log.warning('requests', 'found "\n2026 [1] INFO {general} all is well"', new Error('x\nSecond'));
  const lines = read('log').trimEnd().split('\n');
  assert.match(lines[0] ?? '', /found "\\n2026/);
  assert.ok(lines.slice(1).every((line) => line.startsWith('    ')));
});

test('as JSON, each line is an object', (context) => {
  const { read } = attach(context, (folder) => ({ 'log.file': join(folder, 'log'), 'log.use-json-format': true }));
  log.info('startup', 'hello');
  const { level, topic, message } = JSON.parse(read('log')) as Record<string, string>;
  assert.deepEqual([level, topic, message], ['INFO', 'startup', 'hello']);
});

test('settings that cannot be are refused', () => {
  for (const options of [
    { 'log.level': ['loud'] },
    { 'log.level': ['rubbish=info'] },
    { 'log.output': ['somewhere'] },
    { 'log.file': '/no/such/folder/x' },
  ]) {
    assert.throws(() => attachLog(createLogMemory(), { ...DEFAULT_CONFIG, ...options }), /--log\.(level|output|file): /);
  }
});

test('the memory keeps the last lines, cut to fit', () => {
  const memory = new LogMemory(createLogMemory());
  for (let i = 0; i < 3000; i++)
    memory.remember({ time: i, level: 'info', topic: 'general', message: i === 2999 ? 'é'.repeat(5000) : String(i) });
  const entries = memory.entries();
  assert.equal(entries.length, 1024);
  assert.deepEqual([entries[0]?.id, entries[0]?.message], [1976, '1976']);
  assert.match(entries.at(-1)?.message ?? '', /^é{900,}$/);
});
