/** Bundles and folders on this machine: `foxx download`, `bundle`, `ignore`. */
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBundle, extractBundle } from '../bundle.ts';
import { command, many, optional, required, single } from '../command.ts';
import { Failure } from '../failure.ts';
import { addToIgnoreFile } from '../ignore-file.ts';
import { detail, info } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { withService } from '../with-server.ts';

const OUTPUT = {
  stdout: { describe: 'Write to stdout, even if that is a terminal', alias: 'O', type: 'boolean', default: false },
  outfile: single({ describe: 'Where it is written to', alias: 'o' }),
  force: { describe: 'Overwrite what is there', alias: 'f', type: 'boolean', default: false },
} as const;

export const downloadCommand = command({
  name: 'download',
  aliases: ['dl'],
  summary: "Download a mounted service's bundle",
  about: "Downloads a service's bundle: what was installed, or in development mode the files as they are now.",
  arguments: { mount: required('Where the service is mounted') },
  options: {
    ...SERVER_OPTIONS,
    ...OUTPUT,
    extract: { describe: 'Unpack it, into --outfile or the current folder', alias: 'x', type: 'boolean', default: false },
  },
  examples: [
    ['download /hello -o hello.zip', 'Write a file'],
    ['download -x /hello -o ./hello', 'Unpack it into a folder'],
  ],
  run: async (given) => {
    const { mount, stdout, extract, force, outfile, verbose } = given;
    if (stdout && extract) throw new Failure("Can't use both --extract and --stdout at the same time.");
    const folder = outfile ?? '.';
    if (extract) checkFolder(folder, { force: force || outfile === undefined });
    else checkOutput(given);
    const { bytes } = await withService(given, (client) => client.send({ method: 'POST', path: '/_api/foxx/download', query: { mount } }));
    if (!extract) {
      await writeOutput(bytes, outfile, verbose);
      return;
    }
    await extractBundle(bytes, folder, (path, existed) => {
      if (existed) info(`Overwriting "${path}" …`);
      else if (verbose > 0) info(`Creating "${path}" …`);
    });
    if (verbose > 0) info('Done.');
  },
});

export const bundleCommand = command({
  name: 'bundle',
  aliases: ['zip'],
  summary: 'Make a bundle of a local service',
  about: "Makes a zip of a service's folder, without what its .foxxignore names.",
  arguments: { source: optional("The service's folder [default: '.']") },
  options: {
    ...OUTPUT,
    sloppy: { describe: 'Do not mind that there is no manifest', type: 'boolean', default: false },
  },
  examples: [['bundle ./hello -o hello.zip', 'Bundle a folder']],
  run: async (given) => {
    const { source = '.', sloppy, outfile, verbose } = given;
    checkOutput(given);
    const found = statSync(source, { throwIfNoEntry: false });
    if (found === undefined) throw new Failure(`Source directory "${source}" does not exist.`);
    if (!found.isDirectory()) throw new Failure(`Source directory "${source}" is not a directory.`);
    if (!sloppy && !existsSync(join(source, 'manifest.json'))) {
      throw new Failure(`Source directory "${source}" does not contain a manifest file. Use --sloppy if you want to skip this check.`);
    }
    await writeOutput(await createBundle(source), outfile, verbose);
  },
});

export const ignoreCommand = command({
  name: 'ignore',
  aliases: ['exclude'],
  summary: 'Add patterns to .foxxignore',
  about: 'Adds patterns to the .foxxignore of the current folder. The first time, the default patterns are written, too.',
  arguments: { patterns: many('What is to stay out of the bundle') },
  options: { force: { describe: 'Forget the patterns of before, and the defaults', alias: 'f', type: 'boolean', default: false } },
  examples: [["ignore node_modules/.cache/ '*.md'", 'Leave these out']],
  run: ({ patterns, force }) => addToIgnoreFile('.', patterns, { isNew: force }),
});

interface OutputGiven {
  readonly stdout: boolean;
  readonly force: boolean;
  readonly outfile: string | undefined;
}

/** Before any work: may the result be written where it shall be? */
function checkOutput({ stdout, force, outfile }: OutputGiven): void {
  if (outfile === undefined) {
    if (!stdout && process.stdout.isTTY)
      throw new Failure('Refusing to write binary data to stdout. Use --stdout if you really want to do this.');
  } else if (stdout) {
    throw new Failure("Can't use both --outfile and --stdout at the same time.");
  } else if (!force && existsSync(outfile)) {
    throw new Failure(`Refusing to overwrite existing file "${outfile}". Use --force to overwrite existing file.`);
  }
}

function checkFolder(folder: string, { force }: { readonly force: boolean }): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new Failure(`Can't extract to "${folder}": not a directory.`);
  if (!force && readdirSync(folder).length > 0) {
    throw new Failure(`Refusing to extract to non-empty directory "${folder}". Use --force to overwrite existing files.`);
  }
}

async function writeOutput(bytes: Buffer, outfile: string | undefined, verbose: number): Promise<void> {
  if (outfile === undefined) {
    await new Promise<void>((resolve, reject) => process.stdout.write(bytes, (error) => (error ? reject(error) : resolve())));
    return;
  }
  writeFileSync(outfile, bytes);
  if (verbose > 0) detail(`Created "${outfile}".`);
}
