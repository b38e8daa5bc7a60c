/** Processes and ports as `require('internal')` has them, each only where an option allows it. */
import { spawn, spawnSync } from 'node:child_process';
import { forbidden, type ServicePolicy } from '../policy.ts';

/** What has become of a process that a service of this thread started. */
interface External {
  readonly pid: number;
  status: 'RUNNING' | 'TERMINATED' | 'ABORTED';
  exit?: number;
  signal?: string;
}

const started = new Map<number, External>();

export function createExternal({ allowsProcessControl, allowsPortTesting }: ServicePolicy): object {
  const guard = <Values extends readonly unknown[], Result>(action: (...values: Values) => Result) => {
    return (...values: Values): Result => {
      if (!allowsProcessControl) throw forbidden('start or end processes (--javascript.allow-external-process-control)');
      return action(...values);
    };
  };
  return {
    executeExternal: guard((program: string, args: readonly string[] = []) => {
      const child = spawn(program, args, { stdio: 'ignore' });
      const external: External = { pid: child.pid ?? -1, status: child.pid === undefined ? 'ABORTED' : 'RUNNING' };
      started.set(external.pid, external);
      child.on('error', () => {
        external.status = 'ABORTED';
      });
      child.on('exit', (code, signal) => {
        external.status = signal === null ? 'TERMINATED' : 'ABORTED';
        if (code !== null) external.exit = code;
        if (signal !== null) external.signal = signal;
      });
      return { pid: external.pid };
    }),
    executeExternalAndWait: guard((program: string, args: readonly string[] = []) => {
      const { pid, status, signal } = spawnSync(program, args, { stdio: 'ignore' });
      return signal === null && status !== null ? { pid, status: 'TERMINATED', exit: status } : { pid, status: 'ABORTED', signal };
    }),
    statusExternal: guard((pid: number) => started.get(pid) ?? { pid, status: 'NOT-FOUND' }),
    killExternal: guard((pid: number, signal: NodeJS.Signals | number = 'SIGTERM') => started.has(pid) && process.kill(pid, signal)),
    /** Whether a port can be listened at: `tcp://127.0.0.1:8529`. */
    testPort: (endpoint: string) => {
      if (!allowsPortTesting) throw forbidden('test ports (--javascript.allow-port-testing)');
      const [, host = '127.0.0.1', port = '0'] =
        /^\w+:\/\/(?:\[([^\]]+)\]|[^:]+):(\d+)$/.exec(endpoint.replace(/^(\w+:\/\/)([^:[\]]+):/, '$1[$2]:')) ?? [];
      const code = `require('net').createServer().on('error', () => process.exit(1)).listen(${Number(port)}, ${JSON.stringify(host)}, () => process.exit(0))`;
      return spawnSync(process.execPath, ['-e', code], { stdio: 'ignore' }).status === 0;
    },
  };
}
