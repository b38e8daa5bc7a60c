import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planHeal, type HealStep, type LocalService, type StoredService } from './heal.ts';

const stored = (change: Partial<StoredService> = {}): StoredService => ({
  mount: '/blog',
  checksum: 'new',
  hasBundle: true,
  isDevelopment: false,
  ...change,
});
const local = (change: Partial<LocalService> = {}): LocalService => ({ checksum: 'new', hasFolder: true, isWhole: true, ...change });
const download: HealStep = { do: 'download', mount: '/blog', checksum: 'new' };

const CASES: readonly (readonly [what: string, stored: StoredService, local: LocalService, steps: readonly HealStep[]])[] = [
  ['all agrees', stored(), local(), []],
  ['another coordinator replaced it', stored(), local({ checksum: 'old' }), [download]],
  ['nothing is here', stored(), local({ checksum: undefined, hasFolder: false }), [download]],
  ['the zip is gone: the folder may be anything', stored(), local({ checksum: undefined }), [download]],
  [
    'the zip is gone in development: the folder is worked on',
    stored({ isDevelopment: true }),
    local({ checksum: undefined }),
    [{ do: 'download bundle', mount: '/blog', checksum: 'new' }],
  ],
  ['nothing is here in development', stored({ isDevelopment: true }), local({ checksum: undefined, hasFolder: false }), [download]],
  ['the folder is gone', stored(), local({ hasFolder: false }), [{ do: 'unpack', mount: '/blog' }]],
  ['a file of the folder is gone', stored(), local({ isWhole: false }), [{ do: 'restore', mount: '/blog' }]],
  ['a file of the folder is gone, and another coordinator replaced it', stored(), local({ checksum: 'old', isWhole: false }), [download]],
  ['the database lost the bundle', stored({ hasBundle: false }), local(), [{ do: 'upload', mount: '/blog' }]],
  ['the database lost the bundle and this is another one', stored({ hasBundle: false }), local({ checksum: 'old' }), []],
  ['only a folder is left', stored({ hasBundle: false }), local({ checksum: undefined }), [{ do: 'pack', mount: '/blog' }]],
  ['installed before there were checksums', stored({ checksum: undefined, hasBundle: false }), local(), []],
  [
    'installed before there were checksums, zip gone',
    stored({ checksum: undefined, hasBundle: false }),
    local({ checksum: undefined }),
    [{ do: 'pack', mount: '/blog' }],
  ],
];

for (const [what, inDatabase, here, steps] of CASES) {
  test(`heal: ${what}`, () => assert.deepEqual(planHeal(inDatabase, here), steps));
}
