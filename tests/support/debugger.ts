/** A debugger as small as can be: the inspector's protocol over a WebSocket. */
import { WebSocket } from 'undici';

export interface Paused {
  readonly callFrames: readonly {
    readonly callFrameId: string;
    readonly functionName: string;
    readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number };
  }[];
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Debugger {
  send(method: string, params?: object): Promise<Record<string, unknown>>;
  urlOf(scriptId: string): string | undefined;
  /** The next pause that nobody has waited for. */
  paused(): Promise<Paused>;
  close(): void;
}

export async function attachDebugger(url: string): Promise<Debugger> {
  const socket = new WebSocket(url);
  const answers = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }>();
  const scripts = new Map<string, string>();
  const pauses: Paused[] = [];
  const waiting: ((paused: Paused) => void)[] = [];
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(String(data)) as Message;
    if (id !== undefined) {
      if (error === undefined) answers.get(id)?.resolve(result as Record<string, unknown>);
      else answers.get(id)?.reject(new Error(error.message));
    } else if (method === 'Debugger.scriptParsed') {
      const { scriptId, url: script } = params as { readonly scriptId: string; readonly url: string };
      scripts.set(scriptId, script);
    } else if (method === 'Debugger.paused') {
      const next = waiting.shift();
      if (next === undefined) pauses.push(params as Paused);
      else next(params as Paused);
    }
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(`no debugger can attach at ${url}`)));
  });
  const debug: Debugger = {
    send: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        answers.set(id, { resolve, reject });
        socket.send(JSON.stringify({ id, method, params }));
      }),
    paused: () => {
      const next = pauses.shift();
      return next === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(next);
    },
    urlOf: (scriptId) => scripts.get(scriptId),
    close: () => socket.close(),
  };
  await debug.send('Runtime.enable');
  await debug.send('Debugger.enable');
  return debug;
}
