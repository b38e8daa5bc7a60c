/** The command-line tools as processes: what they print, and how they end. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
}

export type Tool = 'foxden' | 'foxx' | 'foxx-manager';

/** Waits for the end. */
export function runTool(tool: Tool, args: readonly string[], { cwd = '.', input = '', environment = {} }: RunOptions = {}): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(`bin/${tool}.js`), ...args], {
    cwd,
    input,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...environment },
    maxBuffer: 1 << 28,
  });
  return { status, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

export interface RunningTool {
  readonly process: ChildProcess;
  readonly output: () => string;
  /** Waits until it has printed something like this. */
  says(pattern: RegExp): Promise<void>;
  /** Ends it with a signal; its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export function startTool(tool: Tool, args: readonly string[], { cwd = '.', environment = {} }: RunOptions = {}): RunningTool {
  const child = spawn(process.execPath, [resolve(`bin/${tool}.js`), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...environment },
  });
  let text = '';
  let look = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      look();
    });
  }
  return {
    process: child,
    output: () => text,
    says: (pattern) =>
      new Promise((done, reject) => {
        look = () => {
          if (pattern.test(text)) done();
        };
        look();
        child.once('exit', () => reject(new Error(`${tool} ended before it said ${String(pattern)}:\n${text}`)));
      }),
    end: (signal) =>
      new Promise((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done(child.exitCode);
        child.once('exit', (code) => done(code));
        child.kill(signal);
      }),
  };
}
