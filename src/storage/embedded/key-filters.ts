/**
 * Which keys an index does not have. Many probes of a join may find nothing, and each goes down the tree to learn that; a filter tells most of
 * them beforehand, from memory that stays in the processor's cache.
 *
 * A filter is good for one commit, that to which it was brought up to date: it has all keys of the index then. Keys that have gone stay in it,
 * which only makes it less useful. A page says which commit wrote it, and what changes below a branch changes the branch: so a later commit's keys are found by
 * reading what was written since.
 *
 * Each thread has its own, of indexes in which it has looked for much in vain. Reading an index takes time, so it is done when the probes in vain
 * have taken about as long already: at worst all takes twice as long as without filters.
 */
import { ID_BYTES } from '../entry.ts';
import { HashFilter } from './hash-filter.ts';
import {
  childOf,
  countIn,
  hashOfPoint,
  isLeaf,
  NO_PAGE,
  NODE_HEAD_BYTES,
  nodeAt,
  offsetOf,
  placeOfKey,
  writtenBy,
  type MappedPages,
  type Window,
} from './pages.ts';
import { isIdInKey } from './row-list.ts';

/** So many keys are read in about the time of a probe in vain. */
const KEYS_A_PROBE = 16;
/** For fewer probes nothing is begun. */
const FIRST_VAIN = 1024;
/** Reading more keys would hold up the thread for more than a tenth of a second. */
const MOST_KEYS = 2 ** 19;
/** There is room for some more than an index has. */
const ROOM = 1.5;
/** Of all filters of a thread. */
const MOST_BYTES = 8 * 1024 * 1024;
const MOST_INDEXES = 256;
const NO_COMMIT = -1;
const PREFIX_BYTES = 4;

/** An index in the tree of one commit. */
export interface IndexTree {
  readonly mapped: MappedPages;
  readonly root: number;
  readonly commit: number;
  readonly prefix: number;
}

/** What is known of one index. */
interface Known {
  filter: HashFilter | undefined;
  /** The commit for which the filter is good. */
  commit: number;
  /** How often a key was added to it. */
  added: number;
  /** Probes in vain since it was made or brought up to date, and how many there have to be before that is done again. */
  vain: number;
  wait: number;
}

export class KeyFilters {
  /** By prefix, the latest filter last. */
  readonly #known = new Map<number, Known>();
  #bytes = 0;

  /** The filter of an index, if there is one for the commit, or if it is time to have one. */
  find(tree: IndexTree): HashFilter | undefined {
    const known = this.#known.get(tree.prefix);
    if (known === undefined) return undefined;
    if (known.commit !== tree.commit) {
      if (tree.commit < known.commit || known.vain < known.wait) return undefined;
      if (known.filter === undefined) this.#make(known, tree);
      else this.#update(known, known.filter, tree);
    }
    return known.filter;
  }

  /** So many probes have found nothing, with or without a filter. */
  noteVain(prefix: number, count: number): void {
    const known = this.#known.get(prefix);
    if (known !== undefined) {
      known.vain += count;
      return;
    }
    if (this.#known.size === MOST_INDEXES) this.#forgetFirst();
    this.#known.set(prefix, { filter: undefined, commit: NO_COMMIT, added: 0, vain: count, wait: FIRST_VAIN });
  }

  #make(known: Known, tree: IndexTree): void {
    const most = Math.min(MOST_KEYS, known.vain * KEYS_A_PROBE);
    const count = countKeys(tree, most);
    if (count > most) {
      known.wait = most === MOST_KEYS ? Infinity : 4 * known.vain;
      return;
    }
    const filter = new HashFilter(count * ROOM);
    while (this.#bytes + filter.bytes > MOST_BYTES) this.#forgetFirst();
    this.#bytes += filter.bytes;
    this.#known.delete(tree.prefix);
    this.#known.set(tree.prefix, known);
    known.filter = filter;
    known.commit = NO_COMMIT;
    known.added = 0;
    this.#update(known, filter, tree);
  }

  /** Adds what was written since. */
  #update(known: Known, filter: HashFilter, tree: IndexTree): void {
    const added = addKeys(tree, known.commit, filter);
    known.commit = tree.commit;
    known.added += added;
    known.vain = 0;
    known.wait = added / KEYS_A_PROBE;
    if (known.added > 2 * filter.capacity) this.#forget(known);
  }

  #forgetFirst(): void {
    const [prefix, known] = this.#known.entries().next().value!;
    this.#forget(known);
    this.#known.delete(prefix);
  }

  #forget(known: Known): void {
    this.#bytes -= known.filter?.bytes ?? 0;
    known.filter = undefined;
    known.commit = NO_COMMIT;
    known.wait = Math.max(FIRST_VAIN, known.wait);
  }
}

/** How many keys the index has; if there are more than `most`, any greater number. */
function countKeys(tree: IndexTree, most: number): number {
  let count = 0;
  visitLeaves(tree, NO_COMMIT, (_window, _leaf, from, end) => {
    count += end - from;
    return count <= most;
  });
  return count;
}

/** Adds all keys from leaves that were written after the commit. Answers how many. */
function addKeys(tree: IndexTree, since: number, filter: HashFilter): number {
  const { mapped, prefix } = tree;
  let count = 0;
  visitLeaves(tree, since, (window, leaf, from, end) => {
    const { bytes, halves } = window;
    for (let place = from; place < end; place++) {
      const node = nodeAt(halves, leaf, place);
      const start = node + NODE_HEAD_BYTES;
      const keyEnd = start + halves[(node >> 1) + 3]!;
      mapped.readValue(window, node);
      const hasId = isIdInKey(mapped.bytes, mapped.start, mapped.end - mapped.start);
      filter.add(hashOfPoint(prefix, bytes, start + PREFIX_BYTES, hasId ? keyEnd - ID_BYTES : keyEnd));
    }
    count += end - from;
    return true;
  });
  return count;
}

/** Told where the keys of the index begin and end in a leaf. Answers whether to go on. */
type LeafVisitor = (window: Window, leaf: number, from: number, end: number) => boolean;

const bound = Buffer.alloc(PREFIX_BYTES);

/** Visits the leaves of an index that were written after a commit. */
function visitLeaves({ mapped, root, prefix }: IndexTree, since: number, visit: LeafVisitor): void {
  if (root !== NO_PAGE) visitBelow(root);

  function visitBelow(page: number): boolean {
    const window = mapped.window(page);
    const at = offsetOf(page);
    if (writtenBy(window, at) <= since) return true;
    const from = placeOfPrefix(window, at, prefix);
    const end = placeOfPrefix(window, at, prefix + 1);
    if (isLeaf(window.halves, at)) return from === end || visit(window, at, from, end);
    // The keys of a branch are the first ones below it: those of the index may begin in the page before.
    for (let place = from - 1; place < end; place++) {
      if (!visitBelow(childOf(window.halves, at, place))) return false;
    }
    return true;
  }
}

/** The first place of a page whose key does not come before the prefix; the first key of a branch counts as before all. */
function placeOfPrefix(window: Window, page: number, prefix: number): number {
  const { halves } = window;
  bound.writeUInt32BE(prefix);
  const found = placeOfKey(window, page, isLeaf(halves, page) ? 0 : 1, countIn(halves, page), bound, PREFIX_BYTES);
  return found < 0 ? ~found : found;
}
