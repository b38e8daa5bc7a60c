/** `foxden backup` and `foxden restore`: a copy of all that a running server holds, and a directory to start a server on from such a copy. */
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { command, commandGroup, required, single } from '../command.ts';
import { Failure } from '../failure.ts';
import { info, json, table } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { withServer } from '../with-server.ts';
import { ProgressBar } from './progress.ts';

const JSON_OPTION = { json: { describe: 'Print JSON', type: 'boolean', default: false } } as const;

interface Created {
  readonly id: string;
  readonly path: string;
  readonly sizeInBytes: number;
  readonly nrFiles: number;
}

const create = command({
  name: '$0',
  summary: 'Make a backup of the running server',
  about: [
    'Makes a backup of all databases and services of a running server, on its own disk, below "backups" in its database directory. It is',
    'what the server held at one moment; the server goes on meanwhile. Copy the folder elsewhere to keep it.',
  ].join(' '),
  arguments: {},
  options: { ...SERVER_OPTIONS, ...JSON_OPTION, label: single({ describe: 'Becomes a part of its name' }) },
  examples: [['backup --label before-upgrade', 'Make one and print where it is']],
  run: (given) =>
    withServer(given, async (client) => {
      const call = { method: 'POST', path: '/_admin/backup/create', database: '_system', json: { label: given.label } } as const;
      const { result: backup } = await client.jsonAside<{ readonly result: Created }>(call);
      if (given.json) json(backup);
      else info(`${backup.id}\n${backup.path}\n${sizeText(backup.sizeInBytes)} in ${backup.nrFiles} files`);
    }),
});

interface Listed {
  readonly id: string;
  readonly datetime: string;
  readonly version: string;
  readonly sizeInBytes: number;
}

const list = command({
  name: 'list',
  aliases: ['ls'],
  summary: 'List the backups of a server',
  arguments: {},
  options: { ...SERVER_OPTIONS, ...JSON_OPTION },
  examples: [['backup list', 'From the oldest to the newest']],
  run: (given) =>
    withServer(given, async (client) => {
      const call = { method: 'POST', path: '/_admin/backup/list', database: '_system' } as const;
      const { result } = await client.json<{ readonly result: { readonly list: Readonly<Record<string, Listed>> } }>(call);
      const backups = Object.values(result.list);
      if (given.json) json(backups);
      else if (backups.length > 0)
        info(
          table(
            ['Backup', 'Made', 'Size'],
            backups.map(({ id, datetime, sizeInBytes }) => [id, datetime, sizeText(sizeInBytes)]),
          ),
        );
    }),
});

const remove = command({
  name: 'remove',
  aliases: ['rm'],
  summary: 'Remove a backup from a server',
  arguments: { id: required('Its name') },
  options: SERVER_OPTIONS,
  examples: [['backup remove 2026-11-21T16.45.00Z_before-upgrade', 'Remove it']],
  run: async (given) => {
    await withServer(given, (client) =>
      client.send({ method: 'POST', path: '/_admin/backup/delete', database: '_system', json: { id: given.id } }),
    );
  },
});

export const backupCommand = commandGroup('backup', [], 'Make, list and remove backups of a running server', [create, list, remove]);

interface Description {
  readonly id: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

export const restoreCommand = command({
  name: 'restore',
  summary: 'Make a database directory out of a backup',
  about: [
    'Makes a new database directory out of the folder of a backup, after all of its files were compared with their checksums. Start the',
    'server on it then. A directory that has something in it is never touched.',
  ].join(' '),
  arguments: { backup: required('The folder of the backup'), directory: required('The database directory to be') },
  options: { ...JSON_OPTION, verify: { describe: 'Only compare the checksums', type: 'boolean', default: false } },
  examples: [['restore data/backups/2026-11-21T16.45.00Z_before-upgrade ./data-restored', 'Then: foxden ./data-restored']],
  run: async ({ backup, directory, verify, json: isJson }) => {
    const { id, files } = readDescription(backup);
    const bar = new ProgressBar({ isWanted: !isJson });
    if (!verify && existsSync(directory) && readdirSync(directory).length > 0) {
      throw new Failure(`The directory ${directory} is not empty. Move it away first, or name another.`);
    }
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    bar.begin('bytes', total * (verify ? 1 : 2));
    for (const file of files) await verifyFile(backup, file, (bytes) => bar.advance(bytes));
    if (!verify) copyFiles(backup, files, directory, (bytes) => bar.advance(bytes));
    bar.stop();
    if (isJson) json({ id, files: files.length, bytes: total, ...(verify ? {} : { directory: resolve(directory) }) });
    else if (verify) info(`${id} is whole: ${files.length} files, ${sizeText(total)}.`);
    else info(`${id} is restored. Start it with: foxden ${directory}`);
  },
});

function readDescription(backup: string): Description {
  try {
    const description = JSON.parse(readFileSync(join(backup, 'backup.json'), 'utf8')) as Description;
    for (const { path } of description.files) {
      if (normalize(path) !== path || !/^(?:data|apps)\//.test(path))
        throw new Failure(`The backup names a file that is not its own: ${path}`);
    }
    return description;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(`${backup} is not a backup: its backup.json cannot be read.`, { cause });
  }
}

async function verifyFile(
  backup: string,
  { path, bytes, sha256 }: Description['files'][number],
  onBytes: (count: number) => void,
): Promise<void> {
  const full = join(backup, path);
  const found = statSync(full, { throwIfNoEntry: false });
  if (found === undefined) throw new Failure(`The backup is damaged: ${path} is missing.`);
  if (found.size !== bytes) throw new Failure(`The backup is damaged: ${path} has ${found.size} bytes, and should have ${bytes}.`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(full, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    onBytes((chunk as Buffer).length);
  }
  if (hash.digest('hex') !== sha256) throw new Failure(`The backup is damaged: ${path} is not what it was.`);
}

/** Under another name first, so that a restore that is ended leaves no directory that looks whole. */
function copyFiles(backup: string, files: Description['files'], directory: string, onBytes: (count: number) => void): void {
  const staged = `${resolve(directory)}.restoring`;
  rmSync(staged, { recursive: true, force: true });
  for (const { path, bytes } of files) {
    const target = join(staged, path.replace(/^data\//, ''));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    copyFileSync(join(backup, path), target);
    onBytes(bytes);
  }
  if (existsSync(directory)) rmSync(directory, { recursive: true });
  renameSync(staged, directory);
}

function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(bytes) / Math.log(1000)));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
