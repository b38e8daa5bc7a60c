/**
 * The process in which `runTool` runs commands, one after another: each is the program that `bin` would run, without the fifth of a second that a process
 * takes to start and to load it. A command has ended when a process of its own would have ended: when it has returned, and nothing that it
 * began is still going on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended } from './cli.ts';

export interface ToolRun {
  readonly tool: 'foxden' | 'foxx' | 'foxx-manager';
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

type Program = (args: readonly string[]) => Promise<void>;

/** As the programs in `bin` do it: the bundled one, unless something was compiled since. */
const bin = (await import(new URL('bin/load.js', `file://${process.cwd()}/`).href)) as {
  load(entry: string): Promise<Readonly<Record<string, Program>>>;
};
const NAMES = { foxden: 'foxdenTool', foxx: 'foxx', 'foxx-manager': 'foxxManager' } as const;

const home = { cwd: process.cwd(), environment: { ...process.env } };

/** What keeps a process from ending, except the messages from the test. */
const busy = (): number => process.getActiveResourcesInfo().length;

async function run({ tool, args, cwd, environment }: ToolRun): Promise<Ended> {
  const program = (await bin.load(`cli/${tool}/program`))[NAMES[tool]];
  if (program === undefined) throw new Error(`${tool} is no tool`);
  process.chdir(cwd);
  Object.assign(process.env, environment);
  process.exitCode = 0;
  const [stdout, stderr] = [process.stdout, process.stderr].map(collect);
  const idle = busy();
  try {
    await program(args);
    while (busy() > idle) await sleep(1);
    return { status: process.exitCode, stdout: stdout!.text(), stderr: stderr!.text() };
  } finally {
    stdout!.release();
    stderr!.release();
    process.exitCode = 0;
    process.chdir(home.cwd);
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, home.environment);
  }
}

/** Keeps what is written instead of writing it. */
function collect(stream: NodeJS.WriteStream): { text(): string; release(): void } {
  const chunks: Buffer[] = [];
  const write = stream.write.bind(stream);
  stream.write = (chunk: Uint8Array | string, ...more: unknown[]): boolean => {
    chunks.push(Buffer.from(chunk as string));
    const done = more.find((each) => typeof each === 'function');
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  return {
    text: () => Buffer.concat(chunks).toString('utf8'),
    release: () => {
      stream.write = write;
    },
  };
}

process.on('message', (wanted: ToolRun) => {
  void run(wanted).then((ended) => process.send?.(ended));
});
