/** CityHash64 (Google, version 1.1) of bytes: what ArangoDB's `minhash` analyzers take of each token. */

const MASK = (1n << 64n) - 1n;
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K_MUL = 0x9ddfea08eb382d69n;

/** Unsigned. */
export function city64(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length <= 16) return upTo16(view);
  if (length <= 32) return upTo32(view);
  if (length <= 64) return upTo64(view);
  return longer(view);
}

const wrap = (value: bigint): bigint => value & MASK;
const fetch64 = (view: DataView, place: number): bigint => view.getBigUint64(place, true);
const fetch32 = (view: DataView, place: number): bigint => BigInt(view.getUint32(place, true));
const rotate = (value: bigint, shift: bigint): bigint => wrap((value >> shift) | (value << (64n - shift)));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

function swap(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return view.getBigUint64(0, true);
}

function both(low: bigint, high: bigint, multiplier = K_MUL): bigint {
  const a = shiftMix(wrap((low ^ high) * multiplier));
  return wrap(shiftMix(wrap((high ^ a) * multiplier)) * multiplier);
}

function upTo16(view: DataView): bigint {
  const length = view.byteLength;
  const size = BigInt(length);
  if (length >= 8) {
    const multiplier = K2 + size * 2n;
    const a = wrap(fetch64(view, 0) + K2);
    const b = fetch64(view, length - 8);
    const c = wrap(rotate(b, 37n) * multiplier + a);
    const d = wrap((rotate(a, 25n) + b) * multiplier);
    return both(c, d, wrap(multiplier));
  }
  if (length >= 4) return both(wrap(size + (fetch32(view, 0) << 3n)), fetch32(view, length - 4), wrap(K2 + size * 2n));
  if (length === 0) return K2;
  const y = BigInt(view.getUint8(0) + (view.getUint8(length >> 1) << 8));
  const z = BigInt(length + (view.getUint8(length - 1) << 2));
  return wrap(shiftMix(wrap(y * K2) ^ wrap(z * K0)) * K2);
}

function upTo32(view: DataView): bigint {
  const length = view.byteLength;
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  const a = wrap(fetch64(view, 0) * K1);
  const b = fetch64(view, 8);
  const c = wrap(fetch64(view, length - 8) * multiplier);
  const d = wrap(fetch64(view, length - 16) * K2);
  return both(wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d), wrap(a + rotate(wrap(b + K2), 18n) + c), multiplier);
}

function upTo64(view: DataView): bigint {
  const length = view.byteLength;
  const multiplier = wrap(K2 + BigInt(length) * 2n);
  const a = wrap(fetch64(view, 0) * K2);
  const b = fetch64(view, 8);
  const c = fetch64(view, length - 24);
  const d = fetch64(view, length - 32);
  const e = wrap(fetch64(view, 16) * K2);
  const f = wrap(fetch64(view, 24) * 9n);
  const g = fetch64(view, length - 8);
  const h = wrap(fetch64(view, length - 16) * multiplier);
  const u = wrap(rotate(wrap(a + g), 43n) + (rotate(b, 30n) + c) * 9n);
  const v = wrap((wrap(a + g) ^ d) + f + 1n);
  const w = wrap(swap(wrap((u + v) * multiplier)) + h);
  const x = wrap(rotate(wrap(e + f), 42n) + c);
  const y = wrap((swap(wrap((v + w) * multiplier)) + g) * multiplier);
  const z = wrap(e + f + c);
  const first = wrap(swap(wrap((x + z) * multiplier + y)) + b);
  return wrap(shiftMix(wrap(wrap((z + first) * multiplier) + d + h)) * multiplier + x);
}

type Pair = readonly [low: bigint, high: bigint];

/** 32 bytes from a place on, and two seeds. */
function weak(view: DataView, place: number, a: bigint, b: bigint): Pair {
  const [w, x, y, z] = [fetch64(view, place), fetch64(view, place + 8), fetch64(view, place + 16), fetch64(view, place + 24)];
  const first = wrap(a + w);
  const second = rotate(wrap(b + first + z), 21n);
  const sum = wrap(first + x + y);
  return [wrap(sum + z), wrap(second + rotate(sum, 44n) + first)];
}

function longer(view: DataView): bigint {
  const length = view.byteLength;
  const size = BigInt(length);
  let x = fetch64(view, length - 40);
  let y = wrap(fetch64(view, length - 16) + fetch64(view, length - 56));
  let z = both(wrap(fetch64(view, length - 48) + size), fetch64(view, length - 24));
  let v = weak(view, length - 64, size, z);
  let w = weak(view, length - 32, wrap(y + K1), x);
  x = wrap(x * K1 + fetch64(view, 0));
  const end = (length - 1) & ~63;
  for (let place = 0; place < end; place += 64) {
    x = wrap(rotate(wrap(x + y + v[0] + fetch64(view, place + 8)), 37n) * K1) ^ w[1];
    y = wrap(rotate(wrap(y + v[1] + fetch64(view, place + 48)), 42n) * K1 + v[0] + fetch64(view, place + 40));
    z = wrap(rotate(wrap(z + w[0]), 33n) * K1);
    v = weak(view, place, wrap(v[1] * K1), wrap(x + w[0]));
    w = weak(view, place + 32, wrap(z + w[1]), wrap(y + fetch64(view, place + 16)));
    [z, x] = [x, z];
  }
  return both(wrap(both(v[0], w[0]) + shiftMix(y) * K1 + z), wrap(both(v[1], w[1]) + x));
}
