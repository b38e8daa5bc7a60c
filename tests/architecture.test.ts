import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const map = readFileSync('ARCHITECTURE.md', 'utf8');
const layers = JSON.parse(readFileSync('layers.json', 'utf8')) as Record<string, string[]>;

test('the table of layers in ARCHITECTURE.md is the one that is checked', () => {
  const rows = [...map.matchAll(/^\| `([a-z]+)` *\| ([^|]*)\|/gm)].map(
    ([, layer, below]) => [layer ?? '', below?.match(/[a-z]+/g) ?? []] as const,
  );
  assert.deepEqual(Object.fromEntries(rows), layers);
});

test('every path that ARCHITECTURE.md names exists', () => {
  const missing = [...map.matchAll(/`((?:src|tests|web|docs|bin|scripts|benches|examples)\/[\w./-]*)`/g)]
    .map(([, path]) => path ?? '')
    .filter((path) => !existsSync(path));
  assert.deepEqual(missing, []);
});
