/**
 * `foxx dev`: what is saved here runs there. Mounts the service of a folder in development mode, then sends each change of a file as
 * it happens, and prints what the service logs and what breaks it.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { createBundle, listBundleFiles, zipFiles } from '../bundle.ts';
import type { Client } from '../client.ts';
import { command, optional, required } from '../command.ts';
import { describeFailure, Failure, ServerError } from '../failure.ts';
import { readIgnoreFile } from '../ignore-file.ts';
import { complain, gray, green, info, red } from '../output.ts';
import { SERVER_OPTIONS } from '../server-options.ts';
import { followLog } from './follow-log.ts';
import { withService } from '../with-server.ts';

/** Editors write a file in several steps, and tools write many files: what comes within this time is sent together. */
const GATHERING_MS = 30;

/** Watching files misses some that change fast: after each change all of them are looked at once more. */
const LOOK_AGAIN_MS = 250;

const RETRY_MS = 1000;

interface EditedService {
  readonly path: string;
  readonly problem?: { readonly message: string; readonly stack: string };
}

export const developCommand = command({
  name: 'dev',
  aliases: ['develop'],
  summary: 'Develop a service: send what changes here to the server, and show its log',
  about: [
    'Mounts the service of a local folder in development mode and watches the folder. Each change is sent to the server as it is saved;',
    'what .foxxignore names stays here. Errors and the log of the service are printed. Ctrl+C ends it; the service stays in',
    'development mode until `foxx set-prod`.',
  ].join(' '),
  arguments: { mount: required('Where the service is mounted'), source: optional("The service's folder [default: '.']") },
  options: {
    ...SERVER_OPTIONS,
    once: { describe: 'Send the files and end', type: 'boolean', default: false },
    prod: { describe: 'Switch the service to production mode at the end', type: 'boolean', default: false },
  },
  examples: [['dev /hello ./hello', 'Work on a service']],
  run: (given) =>
    withService(given, async (client) => {
      const { mount, source = '.', once, prod } = given;
      const service = await mountFolder(client, mount, source);
      info(`${green('✓')} ${mount} is what is in ${source}. ${gray(service.path)}`);
      report(service);
      if (!once) await untilInterrupted((signal) => develop(client, mount, source, signal));
      if (prod) await client.send({ method: 'DELETE', path: '/_api/foxx/development', query: { mount } });
    }),
});

/** The whole folder goes there first, whatever the server has. */
async function mountFolder(client: Client, mount: string, folder: string): Promise<EditedService> {
  const form = { source: await createBundle(folder) };
  try {
    const { development } = await client.json<{ readonly development: boolean }>({ path: '/_api/foxx/service', query: { mount } });
    if (!development) await client.send({ method: 'POST', path: '/_api/foxx/development', query: { mount } });
    return await client.json<EditedService>({ method: 'PUT', path: '/_api/foxx/development', query: { mount }, form });
  } catch (error) {
    if (!(error instanceof ServerError) || error.errorNum !== 3009) throw error;
    return client.json<EditedService>({ method: 'POST', path: '/_api/foxx', query: { mount, development: true }, form });
  }
}

async function develop(client: Client, mount: string, folder: string, signal: AbortSignal): Promise<void> {
  const sent = stampsOf(folder);
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();
  const isIgnored = readIgnoreFile(folder);

  const send = async (): Promise<void> => {
    const paths = [...pending].toSorted();
    pending.clear();
    if (paths.length === 0) return;
    const started = performance.now();
    try {
      const service = await sendChanges(client, mount, folder, paths, sent);
      info(`${green('✓')} ${paths.join(', ')} ${gray(`(${Math.round(performance.now() - started)} ms)`)}`);
      report(service);
    } catch (error) {
      complain(describeFailure(error));
      if (error instanceof ServerError) return;
      // A server that restarts is met again: nothing of what changed is forgotten.
      for (const path of paths) pending.add(path);
      schedule(RETRY_MS);
    }
  };
  const schedule = (delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      sending = sending.then(send);
      timer = setTimeout(lookAgain, LOOK_AGAIN_MS);
    }, delayMs);
  };
  const lookAgain = (): void => {
    const now = stampsOf(folder);
    for (const path of new Set([...now.keys(), ...sent.keys()])) if (now.get(path) !== sent.get(path)) pending.add(path);
    if (pending.size > 0) schedule(0);
  };
  const { watch } = await import('chokidar');
  const watcher = watch(folder, {
    ignoreInitial: true,
    ignored: (path) => {
      const below = relative(folder, path).split(sep).join('/');
      return below !== '' && (isIgnored(below) || isIgnored(`${below}/x`));
    },
  });
  watcher.on('all', (event, path) => {
    if (event !== 'add' && event !== 'change' && event !== 'unlink') return;
    pending.add(relative(folder, path).split(sep).join('/'));
    schedule(GATHERING_MS);
  });
  // What was saved between the first transfer and now.
  watcher.on('ready', lookAgain);
  const failed = new Promise<never>((_, reject) =>
    watcher.on('error', (cause) => reject(new Failure(`${folder} cannot be watched: ${String(cause)}`))),
  );
  try {
    await Promise.race([failed, followLog(client, mount, signal)]);
  } finally {
    clearTimeout(timer);
    await watcher.close();
    await sending;
  }
}

/** What changes when a file does, by path. */
function stampsOf(folder: string): Map<string, string> {
  return new Map(listBundleFiles(folder).map((path) => [path, stampOf(join(folder, path))]));
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.mtimeMs} ${found.size} ${found.ino}`;
}

async function sendChanges(
  client: Client,
  mount: string,
  folder: string,
  paths: readonly string[],
  sent: Map<string, string>,
): Promise<EditedService> {
  const files = new Map<string, Buffer>();
  const removed: string[] = [];
  for (const path of paths) {
    // The stamp before the content: a change between the two is found when it is looked again.
    const stamp = stampOf(join(folder, path));
    const content = readIfThere(join(folder, path));
    if (content !== undefined) {
      files.set(path, content);
      sent.set(path, stamp);
    } else if (sent.delete(path)) {
      removed.push(path);
    }
  }
  const form = { source: await zipFiles(files), removed: JSON.stringify(removed) };
  return client.json<EditedService>({ method: 'PATCH', path: '/_api/foxx/development', query: { mount }, form });
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return undefined;
    throw error;
  }
}

function report({ problem }: EditedService): void {
  if (problem !== undefined) info(`${red('✗')} ${problem.message}\n${gray(problem.stack)}`);
}

async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(controller.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
