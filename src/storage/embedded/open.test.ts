import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { isArangoError } from '#base';
import { openStorage } from './engine.ts';
import { messageOf, numbersOf, startProcess, writeOne } from './processes.suite.ts';

suite('opening a store', () => {
  let base = '';
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'foxden-open-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const fails = (folder: string, errorNum: number, pattern: RegExp): void => {
    assert.throws(
      () => openStorage({ folder }),
      (error) => {
        assert(isArangoError(error), String(error));
        assert.match(error.message, pattern);
        return error.errorNum === errorNum;
      },
    );
  };

  test('keeps what was written, and goes on counting where it was', () => {
    const folder = join(base, 'a', 'store');
    let last = 0;
    let revision = 0n;
    for (let time = 0; time < 4; time++) {
      const engine = openStorage({ folder });
      if (time > 0) assert.deepEqual(numbersOf(engine).get(1)?.length, 10 * time);
      for (let i = 1; i <= 10; i++) writeOne(engine, 1, 10 * time + i);
      const tick = engine.tick();
      assert.equal(tick, last + (time === 0 ? 11 : 11));
      last = tick;
      const next = engine.revision();
      assert(next > revision);
      revision = next;
      engine.close();
      engine.close();
    }
  });

  test('is refused while another process has it, by that process id; a killed one has it no more', async () => {
    const folder = join(base, 'store');
    const owner = startProcess({ folder }, []);
    assert.equal(await messageOf(owner), 'opened');
    fails(folder, 1107, new RegExp(`in use by process ${owner.pid}`));
    const other = startProcess({ folder }, []);
    const refusal = await messageOf(other);
    assert(typeof refusal === 'object' && refusal.message.includes(String(owner.pid)));
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const engine = openStorage({ folder });
    fails(folder, 1107, /in use by this process/);
    engine.close();
    openStorage({ folder }).close();
  });

  test('is given to just one of several processes that come at the same moment', async () => {
    const folder = join(base, 'store');
    for (let time = 0; time < 2; time++) {
      const children = Array.from({ length: 5 }, () => startProcess({ folder }, []));
      const messages = await Promise.all(children.map(messageOf));
      assert.equal(messages.filter((message) => message === 'opened').length, 1, JSON.stringify(messages));
      for (const message of messages) assert(message === 'opened' || message.errorNum === 1107);
      for (const child of children) {
        if (child.exitCode === null) child.kill('SIGKILL');
      }
      await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? (await once(child, 'exit'))));
    }
  });

  test('says what is wrong with the folder', () => {
    writeFileSync(join(base, 'file'), '');
    fails(join(base, 'file'), 1224, /EEXIST|ENOTDIR/);

    mkdirSync(join(base, 'foreign'));
    writeFileSync(join(base, 'foreign', 'ENGINE'), 'rocksdb');
    fails(join(base, 'foreign'), 1224, /something else \(ENGINE\)/);
    assert.deepEqual(readdirSync(join(base, 'foreign')), ['ENGINE']);

    mkdirSync(join(base, 'mounted', 'lost+found'), { recursive: true });
    openStorage({ folder: join(base, 'mounted') }).close();

    mkdirSync(join(base, 'garbage'));
    writeFileSync(join(base, 'garbage', 'data.mdb'), 'x'.repeat(20_000));
    fails(join(base, 'garbage'), 1100, /no database of this server/);
  });

  test('finishes what was begun when the folder was made and the process killed', () => {
    const folder = join(base, 'store');
    mkdirSync(join(folder, 'new'), { recursive: true });
    writeFileSync(join(folder, 'new', 'data.mdb'), 'half');
    openStorage({ folder }).close();
    assert(!existsSync(join(folder, 'new')));
  });

  test('gives an error where a part of the file was cut off, and does not end the process', () => {
    const folder = join(base, 'store');
    const engine = openStorage({ folder });
    for (let i = 1; i <= 150; i++) writeOne(engine, 1, i);
    engine.close();
    truncateSync(join(folder, 'data.mdb'), 5 * 4096);
    assert.throws(() => {
      const damaged = openStorage({ folder });
      try {
        numbersOf(damaged);
      } finally {
        damaged.close();
      }
    });
  });

  test('works with a copy of the data file alone', () => {
    const folder = join(base, 'store');
    const engine = openStorage({ folder });
    writeOne(engine, 1, 1);
    engine.close();
    mkdirSync(join(base, 'copy'));
    copyFileSync(join(folder, 'data.mdb'), join(base, 'copy', 'data.mdb'));
    const copy = openStorage({ folder: join(base, 'copy') });
    assert.deepEqual(numbersOf(copy).get(1), [1]);
    copy.close();
  });
});
