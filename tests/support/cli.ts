/** The command-line tools: what they print, and how they end. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ToolRun } from './tool-host.ts';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What it reads from stdin. Without it, it is run in a process that serves for all (`tool-host.ts`), with it in one of its own. */
  readonly input?: string | Buffer;
}

export type Tool = 'foxden' | 'foxx' | 'foxx-manager';

const PLAIN = { NO_COLOR: '1', FORCE_COLOR: '0' };

/** Waits for the end. */
export function runTool(tool: Tool, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { cwd = '.', environment = {}, input } = options;
  if (input !== undefined) return runProcess(tool, args, { ...options, input });
  const ended = last.then(() => runInHost({ tool, args, cwd, environment }));
  last = ended.catch(() => undefined);
  return ended;
}

let host: ChildProcess | undefined;
/** One after another: they share what a process has once. */
let last: Promise<unknown> = Promise.resolve();

function runInHost(wanted: ToolRun): Promise<Ended> {
  const child = (host ??= fork(new URL('tool-host.js', import.meta.url), { env: { ...process.env, ...PLAIN } }));
  child.ref();
  child.channel?.ref();
  return new Promise<Ended>((done, reject) => {
    const fail = (code: number | null): void => reject(new Error(`${wanted.tool} ${wanted.args.join(' ')} ended everything: ${code}`));
    child.once('exit', fail);
    child.once('message', (ended) => {
      child.off('exit', fail);
      // It does not keep the test from ending, and ends with it.
      child.channel?.unref();
      child.unref();
      done(ended as Ended);
    });
    child.send(wanted);
  });
}

async function runProcess(tool: Tool, args: readonly string[], { cwd, environment, input }: RunOptions): Promise<Ended> {
  const child = spawn(process.execPath, [resolve(`bin/${tool}.js`), ...args], { cwd, env: { ...process.env, ...PLAIN, ...environment } });
  child.stdin.end(input);
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { status, stdout, stderr };
}

export interface RunningTool {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Waits until it has printed something like this. */
  says(pattern: RegExp): Promise<void>;
  /** Ends it with a signal; its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function startTool(
  tool: Tool,
  args: readonly string[],
  { cwd = '.', environment = {} }: Omit<RunOptions, 'input'> = {},
): RunningTool {
  const child = spawn(process.execPath, [resolve(`bin/${tool}.js`), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...PLAIN, ...environment },
  });
  let said = '';
  let look = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      look();
    });
  }
  return {
    process: child,
    output: () => said,
    says: (pattern) =>
      new Promise((done, reject) => {
        look = () => {
          if (pattern.test(said)) done();
        };
        look();
        child.once('exit', () => reject(new Error(`${tool} ended before it said ${String(pattern)}:\n${said}`)));
      }),
    end: (signal) =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done(child.exitCode);
        child.once('exit', (code) => done(code));
        child.kill(signal);
      }),
  };
}
