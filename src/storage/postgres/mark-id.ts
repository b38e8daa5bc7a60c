/**
 * The ids of commits' marks. They begin with the time, so that the server appends to its index instead of reaching anywhere into it, and that it finds the
 * old ones at the other end; the rest is random.
 */
import { Buffer } from 'node:buffer';
import { randomFillSync } from 'node:crypto';
import { clock } from '#base';

const TIME_BYTES = 6;
const RANDOM_BYTES = 10;
/** So much randomness is taken from the system at once. */
const POOL_BYTES = 256 * RANDOM_BYTES;

const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let used = POOL_BYTES;

export function newMarkId(): Buffer {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const id = Buffer.allocUnsafe(TIME_BYTES + RANDOM_BYTES);
  id.writeUIntBE(clock.now(), 0, TIME_BYTES);
  pool.copy(id, TIME_BYTES, used, used + RANDOM_BYTES);
  used += RANDOM_BYTES;
  return id;
}

/** No id of a mark that was made since then is below it. */
export function lowestMarkIdAt(timeMs: number): Buffer {
  const id = Buffer.alloc(TIME_BYTES + RANDOM_BYTES);
  id.writeUIntBE(timeMs, 0, TIME_BYTES);
  return id;
}
