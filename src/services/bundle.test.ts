import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import AdmZip from 'adm-zip';
import { BUNDLE_LIMITS, checksumOf, packFiles, packFolder, unpackBundle, varyBundle } from './bundle.ts';

const scratch = mkdtempSync(join(tmpdir(), 'foxden-bundle-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;
function emptyFolder(): string {
  const folder = join(scratch, String(count++), 'inner');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A zip whose entries' raw directory can be bent after the fact. */
function hostile(path: string, bend: (entry: AdmZip.IZipEntry) => void = () => {}): Uint8Array {
  const zip = new AdmZip();
  zip.addFile('manifest.json', Buffer.from('{}'));
  const placeholder = 'x'.repeat(Buffer.byteLength(path));
  zip.addFile(placeholder, Buffer.from('boo'));
  const entry = zip.getEntry(placeholder);
  assert.ok(entry);
  bend(entry);
  return Buffer.from(zip.toBuffer().toString('latin1').replaceAll(placeholder, Buffer.from(path).toString('latin1')), 'latin1');
}

test('a checksum is adler32 in hexadecimal', () => {
  assert.equal(checksumOf(Buffer.from('Wikipedia')), '11e60398');
  assert.equal(checksumOf(Buffer.alloc(0)), '1');
  // zlib ends its own format with the adler32 of the input.
  const long = Buffer.alloc(100_000, 0xff);
  assert.equal(
    checksumOf(long),
    deflateSync(long)
      .readUInt32BE(deflateSync(long).length - 4)
      .toString(16),
  );
});

test('what was packed comes out again, and equal trees make equal bundles', () => {
  const folder = emptyFolder();
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'manifest.json'), '{"main":"index.js"}');
  writeFileSync(join(folder, 'lib', 'ä b.js'), 'module.exports = 1;');
  writeFileSync(join(folder, 'empty'), '');
  symlinkSync('/etc/passwd', join(folder, 'link'));
  const bundle = packFolder(folder);
  const target = emptyFolder();
  unpackBundle(bundle, target);
  assert.deepEqual(readdirSync(target, { recursive: true }).map(String).toSorted(), [
    'empty',
    'lib',
    join('lib', 'ä b.js'),
    'manifest.json',
  ]);
  assert.equal(readFileSync(join(target, 'lib', 'ä b.js'), 'utf8'), 'module.exports = 1;');
  assert.deepEqual(packFolder(target), bundle);
});

test('the shortest path to a manifest is the root', () => {
  const bundle = packFiles(
    new Map([
      ['repo-main/README.md', 'hi'],
      ['repo-main/manifest.json', '{}'],
      ['repo-main/example/manifest.json', '{}'],
      ['other.txt', 'left out'],
    ]),
  );
  const target = emptyFolder();
  unpackBundle(bundle, target);
  assert.deepEqual(readdirSync(target).toSorted(), ['README.md', 'example', 'manifest.json']);
});

test('a bundle without a manifest is error 3012', () => {
  assert.throws(() => unpackBundle(packFiles(new Map([['a', 'b']])), emptyFolder()), { errorNum: 3012 });
});

test('hostile archives are refused whole, and nothing leaves the folder', () => {
  const cases: readonly (readonly [what: string, bundle: Uint8Array])[] = [
    ['parent', hostile('../evil.js')],
    ['deep parent', hostile('a/../../evil.js')],
    ['absolute', hostile('/tmp/evil.js')],
    ['drive', hostile('C:/evil.js')],
    ['backslash', hostile('..\\evil.js')],
    ['nul', hostile('a\0.js')],
    ['dot', hostile('a/./b')],
    ['long', hostile('y'.repeat(300))],
    ['link', hostile('passwd', (entry) => (entry.attr = (0o120777 << 16) >>> 0))],
    ['device', hostile('devices', (entry) => (entry.attr = (0o020666 << 16) >>> 0))],
    [
      'file and folder',
      packFiles(
        new Map([
          ['manifest.json', '{}'],
          ['a', '1'],
          ['a/b', '2'],
        ]),
      ),
    ],
    ['truncated', packFiles(new Map([['manifest.json', '{}']])).subarray(0, 60)],
    ['garbage', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(200, 7)])],
  ];
  for (const [what, bundle] of cases) {
    const target = emptyFolder();
    assert.throws(() => unpackBundle(bundle, target), { errorNum: 3015 }, what);
    assert.deepEqual(readdirSync(target), [], what);
    assert.ok(!existsSync(join(target, '..', 'evil.js')), what);
  }
});

test('a bomb is refused before it is unpacked', () => {
  const zip = new AdmZip();
  zip.addFile('manifest.json', Buffer.from('{}'));
  for (let i = 0; i < 9; i++) zip.addFile(`zeros${i}`, Buffer.alloc(BUNDLE_LIMITS.bytes / 8 / 16));
  const honest = zip.toBuffer();
  const target = emptyFolder();
  unpackBundle(honest, target);
  const bent = new AdmZip(honest);
  for (const entry of bent.getEntries()) if (entry.entryName.startsWith('zeros')) entry.header.size = BUNDLE_LIMITS.bytes;
  assert.throws(() => unpackBundle(Buffer.from(bent.toBuffer()), emptyFolder()), { errorNum: 3015 });
});

test('an entry that inflates beyond its claim is refused', () => {
  const zip = new AdmZip();
  zip.addFile('manifest.json', Buffer.alloc(1_000_000, 32));
  const bytes = zip.toBuffer();
  const directory = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'));
  bytes.writeUInt32LE(10, directory + 24);
  bytes.writeUInt32LE(10, 22);
  assert.throws(() => unpackBundle(bytes, emptyFolder()), { errorNum: 3015 });
});

test('a bundle can be given another checksum without other files', () => {
  const bundle = packFiles(new Map([['manifest.json', '{}']]));
  const varied = varyBundle(bundle, 1);
  assert.notEqual(checksumOf(varied), checksumOf(bundle));
  const target = emptyFolder();
  unpackBundle(varied, target);
  assert.deepEqual(readdirSync(target), ['manifest.json']);
});
