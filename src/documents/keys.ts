/**
 * Where automatic keys come from.
 *
 * Except for `autoincrement`, a generator needs nothing but the number that the document's row has got: numbers ascend and are never
 * given out twice, so keys do too. A user may have taken such a key before; the writer then tries again with a new number.
 */
import { randomUUID } from 'node:crypto';
import { ArangoError } from '#base';
import type { KeyOptions } from '#catalog';
import type { RowId, StorageEngine, TableId, Transaction } from '#storage';
import { withoutConflict } from './conflicts.ts';

const NUMERIC_KEY = /^[0-9]{1,16}$/;
const PADDED_DIGITS = 16;

/** The key of an automatic document, from the number of its row. */
export function automaticKey(options: Exclude<KeyOptions, { type: 'autoincrement' }>, id: RowId): string {
  switch (options.type) {
    case 'traditional':
      return String(id);
    case 'padded':
      return id.toString(16).padStart(PADDED_DIGITS, '0');
    case 'uuid':
      return randomUUID();
  }
}

/** The number behind a key that a generator may have made, for `lastValue`. */
export function automaticKeyNumber(options: KeyOptions, key: string): number | undefined {
  const number = options.type === 'padded' ? Number.parseInt(key, 16) : NUMERIC_KEY.test(key) ? Number(key) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

type Autoincrement = Extract<KeyOptions, { type: 'autoincrement' }>;

const COUNTER_ROW: RowId = 1;
/** Version and value. */
const COUNTER_BYTES = 16;

export function readCounter(transaction: Transaction, counter: TableId): number {
  const { buffer, starts, ends } = transaction.rows(counter, [COUNTER_ROW]);
  const start = starts[0] ?? 0;
  if (ends[0] === start) return 0;
  return new DataView(buffer.buffer, buffer.byteOffset + start, COUNTER_BYTES).getFloat64(8);
}

/**
 * The next number of a counter, or `taken` if that is higher and counts from now on. A deferred transaction takes it in a
 * transaction of its own: two of them that insert must not stand in each other's way.
 */
export function advanceCounter(transaction: Transaction, engine: StorageEngine, options: Autoincrement, taken?: number): number {
  if (transaction.mode === 'direct') return advance(transaction, engine, options, taken);
  return withoutConflict(() => {
    const own = engine.begin({ mode: 'direct', locks: 'rows' });
    try {
      const next = advance(own, engine, options, taken);
      own.commit();
      return next;
    } finally {
      own.abort();
    }
  });
}

function advance(transaction: Transaction, engine: StorageEngine, options: Autoincrement, taken?: number): number {
  const last = readCounter(transaction, options.counter);
  if (taken !== undefined && taken <= last) return last;
  const next = taken ?? nextNumber(last, options);
  const bytes = new Uint8Array(COUNTER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, engine.revision());
  view.setFloat64(8, next);
  const write = { table: options.counter, id: COUNTER_ROW, bytes, add: [] };
  transaction.mutate([last === 0 ? { do: 'insert', ...write } : { do: 'replace', ...write, drop: [] }]);
  return next;
}

function nextNumber(last: number, { offset, increment }: Autoincrement): number {
  if (last < offset) return offset;
  const next = last + increment - ((last - offset) % increment);
  if (!Number.isSafeInteger(next)) throw new ArangoError('ERROR_ARANGO_OUT_OF_KEYS');
  return next;
}
