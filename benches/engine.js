// One engine of the database benchmark in a process of its own: does what it is told and answers with times.
// Usage: forked with the engine's name, its folder and the sizes as JSON.
const [name, folder, given] = process.argv.slice(2);
const sizes = JSON.parse(given);
const FILES = { foxden: 'foxden.js', sqlite: 'sqlite.js', 'sqlite-jsonb': 'sqlite.js', postgres: 'postgres.js' };
const { openEngine } = await import(`./engines/${FILES[name]}`);
const engine = await openEngine(folder, sizes, { isBinary: name === 'sqlite-jsonb' });

const work = {
  version: () => engine.version,
  insertItems: () => timed(() => engine.insertItems()),
  loadRest: () => timed(() => engine.loadRest()),
  answer: ({ line, turn }) => engine.lines[line](turn),
  run: ({ line, seconds, turn }) => repeat(engine.lines[line], seconds, turn),
  close: () => engine.close(),
};

async function timed(action) {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

/** Milliseconds for each repetition, and how much of them this process was computing. */
async function repeat(action, seconds, firstTurn) {
  const cpu = process.cpuUsage();
  const began = performance.now();
  let turn = firstTurn;
  let elapsed = 0;
  do {
    const result = action(turn++);
    if (result instanceof Promise) await result;
    elapsed = performance.now() - began;
  } while (elapsed < seconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const times = turn - firstTurn;
  return { ms: elapsed / times, cpuMs: (user + system) / 1000 / times, times };
}

async function obey({ id, order, ...rest }) {
  try {
    process.send({ id, result: await work[order](rest) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
  if (order === 'close') process.disconnect();
}

process.on('message', (message) => void obey(message));
process.send({ id: 0 });
