// The documents that both sides hold: about 1 KB, fifteen attributes, the same for the same number.
const CITIES = Array.from({ length: 1000 }, (_, i) => `city${i}`);

/** The key of document `i`. */
export const KEYS = (i) => `k${String(i).padStart(8, '0')}`;

/** A number from 0 to 1 that looks random and depends on `i` only. */
export function mix(i) {
  let x = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

export function documentOf(i) {
  return {
    name: `Person ${i}`,
    age: 18 + Math.floor(mix(i) * 70),
    city: CITIES[Math.floor(mix(i + 1e7) * CITIES.length)],
    score: Math.floor(mix(i + 2e7) * 100_000),
    active: mix(i + 3e7) > 0.5,
    email: `person${i}@example.com`,
    street: `${i % 300} Long Street of the Many Houses`,
    tags: ['alpha', 'beta', `tag${i % 50}`],
    address: { zip: String(10_000 + (i % 90_000)), country: 'Utopia', position: [mix(i) * 180 - 90, mix(i + 5) * 360 - 180] },
    bio: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua. '.repeat(
      4,
    ),
    created: 1_700_000_000_000 + i,
    visits: i % 977,
    ratio: mix(i + 4e7),
    note: null,
    group: `group-${i % 17}`,
  };
}
