import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeLine } from './write-line.ts';

test('a line goes to a file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-line-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const descriptor = openSync(join(folder, 'log'), 'a');
  writeLine(descriptor, 'grüße\n');
  closeSync(descriptor);
  assert.equal(readFileSync(join(folder, 'log'), 'utf8'), 'grüße\n');
  writeLine(descriptor, 'to nobody\n'); // closed: nothing to be told, and nobody to tell
});

test('lines wait for a reader that is slow, and come whole and in order', async () => {
  const count = 3000;
  const program = `
    import { writeLine } from ${JSON.stringify(new URL('./write-line.js', import.meta.url).href)};
    process.stdout.write(''); // makes the pipe one that does not block
    for (let i = 0; i < ${count}; i++) writeLine(1, i + ' ' + 'x'.repeat(100) + '\\n');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const chunk of child.stdout) {
    text += String(chunk);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, count);
  assert.ok(lines.every((line, index) => line === `${index} ${'x'.repeat(100)}`));
});
