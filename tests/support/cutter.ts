/**
 * Stands between an engine and its PostgreSQL, in a thread of its own because the test's blocks: cuts a connection before or after what carries a
 * word has been passed on. Before: the server never hears of it. After: it does what it was asked, and nobody hears of that.
 */
import { Worker } from 'node:worker_threads';

const CUTTER = `
  const { createServer, connect } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  const orders = new Int32Array(workerData.orders);
  const words = Buffer.from(workerData.orders, 16);
  createServer((near) => {
    const far = connect(workerData.port, '127.0.0.1');
    let isCut = false;
    for (const socket of [near, far]) socket.on('error', () => socket.destroy());
    near.on('data', (chunk) => {
      const order = orders[0];
      if (order === 0 || !chunk.includes(words.toString('utf8', 0, orders[1]))) return far.write(chunk);
      orders[0] = 0;
      orders[2]++;
      isCut = true;
      if (order === 1) return near.destroy();
      far.write(chunk);
    });
    far.on('data', (chunk) => (isCut ? near.destroy() : near.write(chunk)));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
`;

export interface Cutter {
  readonly url: string;
  cutOnce(word: string, isPassedOn: boolean): void;
  cuts(): number;
  stop(): Promise<unknown>;
}

export async function startCutter(url: string): Promise<Cutter> {
  const orders = new SharedArrayBuffer(256);
  const [words, texts] = [new Int32Array(orders), Buffer.from(orders, 16)];
  const worker = new Worker(CUTTER, { eval: true, workerData: { port: Number(new URL(url).port), orders } });
  const port = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return {
    url: Object.assign(new URL(url), { port: String(port) }).href,
    cutOnce(word, isPassedOn) {
      words[1] = texts.write(word);
      Atomics.store(words, 0, isPassedOn ? 2 : 1);
    },
    cuts: () => words[2]!,
    stop: () => worker.terminate(),
  };
}
