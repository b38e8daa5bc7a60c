/**
 * Random queries that read: over two collections with indexes of all kinds, a graph with walks and searches for paths, lists and subqueries, with every kind of condition,
 * groups, windows, orders and limits. All that follows a LIMIT is sorted by something without ties before it, so each query has one right answer, but
 * for the order of rows that nobody asked to be sorted.
 */
import { array, nat, type Arbitrary } from 'fast-check';
import type { ValueObject } from '#values';
import type { DataSet } from '../support/world.ts';

export interface RandomQuery {
  readonly query: string;
  readonly bindVars: ValueObject;
}

/** Few different values, so that conditions are met, of all types, so that their order matters. */
const VALUES = [null, false, true, -1, 0, 1, 2, 3, 10, '', 'a', 'A', 'b', 'ab', [], [1], [null, 1], ['a'], {}, { x: 1 }, { x: null, y: 2 }];

export const DATA: DataSet = {
  collections: [
    { name: 'c', type: 'document' },
    { name: 'd', type: 'document' },
    { name: 'e', type: 'edge' },
  ],
  documents: {
    c: Array.from({ length: 24 }, (_, i) => ({
      _key: `c${i}`,
      n: i,
      ...(i % 5 === 0 ? {} : { a: VALUES[(i * 7) % VALUES.length] ?? null }),
      b: i % 4,
      s: i % 3 === 0 ? null : `s${i % 7}`,
      o: { p: i % 6, q: { r: VALUES[(i * 3) % VALUES.length] ?? null } },
      t: i % 6 === 0 ? 'none' : Array.from({ length: i % 4 }, (_unused, k) => VALUES[(i + k * 5) % VALUES.length] ?? null),
    })),
    d: Array.from({ length: 9 }, (_, i) => ({
      _key: `d${i}`,
      n: i * 3,
      b: i % 3,
      ref: `c${i * 2}`,
      a: VALUES[(i * 2) % VALUES.length] ?? null,
    })),
    e: Array.from({ length: 30 }, (_, i) => ({
      _key: `e${i}`,
      _from: `c/c${i % 12}`,
      _to: `${i % 9 === 0 ? 'd/d' : 'c/c'}${(i * 5 + 2) % 11}`,
      b: i % 3,
      a: VALUES[(i * 3) % VALUES.length] ?? null,
    })),
  },
  indexes: [
    { collection: 'c', type: 'persistent', fields: ['n'], unique: true },
    { collection: 'c', type: 'persistent', fields: ['a'] },
    { collection: 'c', type: 'persistent', fields: ['b', 'n'], storedValues: ['s'] },
    { collection: 'c', type: 'persistent', fields: ['s'], sparse: true },
    { collection: 'c', type: 'persistent', fields: ['o.p', 'a'] },
    { collection: 'c', type: 'persistent', fields: ['t[*]'] },
    { collection: 'd', type: 'persistent', fields: ['b'] },
    { collection: 'd', type: 'persistent', fields: ['ref'], sparse: true },
  ],
};

const ATTRIBUTES = ['a', 'b', 'n', 's', 'o.p', 'o.q.r', 't', '_key', 'missing'];
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>=', 'IN', 'NOT IN'];

/** Takes its decisions from a list of numbers, so that fast-check can shrink it. */
class Choices {
  readonly #numbers: readonly number[];
  #position = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** From 0 to `count` - 1; 0 once the numbers have run out. */
  next(count: number): number {
    return (this.#numbers[this.#position++] ?? 0) % count;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.next(items.length)] as Item;
  }
}

class Writer {
  readonly #choices: Choices;
  readonly bindVars: Record<string, ValueObject[string]> = {};
  #names = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  /** `documents` and `values` are names of variables in scope. */
  query(documents: readonly string[], values: readonly string[], depth: number): string {
    const choices = this.#choices;
    let [docs, vals] = [[...documents], [...values]];
    const parts: string[] = [];
    const loops = 1 + choices.next(depth === 0 ? 2 : 1);
    /** Something that tells all rows apart. */
    const order: string[] = [];
    for (let i = 0; i < loops; i++) {
      const name = this.#name('v');
      if (choices.next(6) === 5) {
        const [edge, path] = [this.#name('e'), this.#name('p')];
        parts.push(this.#traversal(name, edge, path, docs, vals));
        docs.push(name, edge);
        vals.push(`LENGTH(${path}.edges)`, `${path}.vertices[-1].b`, `${path}.edges[0]._key`);
        if (choices.next(2) === 0) parts.push(`FILTER ${this.#pathCondition(path)}`);
        order.push(`${path}.edges[*]._key`);
      } else if (choices.next(4) > 0) {
        parts.push(`FOR ${name} IN ${choices.of(['c', 'c', 'd'])}`);
        docs.push(name);
        order.push(`${name}._key`);
      } else if (depth === 0 && choices.next(3) === 0) {
        parts.push(`FOR ${name} IN (${this.query(docs, vals, depth + 1)})`);
        vals.push(name);
        order.push('NOTHING');
      } else {
        parts.push(`FOR ${name} IN ${choices.of(['1..4', '[3, 1, 2]', '4..2'])}`);
        vals.push(name);
        order.push(name);
      }
      while (choices.next(3) === 1) parts.push(this.#statement(docs, vals, depth));
    }
    if (choices.next(5) === 0) {
      const [key, other] = [this.#name('k'), this.#name('g')];
      const expression = this.#value(docs, vals, 0);
      switch (choices.next(4)) {
        case 0:
          parts.push(`COLLECT ${key} = ${expression} WITH COUNT INTO ${other}`);
          break;
        case 1:
          parts.push(
            `COLLECT ${key} = ${expression} AGGREGATE ${other} = ${choices.of(['MAX', 'MIN', 'SUM', 'COUNT_DISTINCT'])}(${this.#value(docs, vals, 0)})`,
          );
          break;
        case 2:
          parts.push(`COLLECT ${key} = ${expression}, ${other} = ${this.#value(docs, vals, 0)}`);
          break;
        default:
          parts.push(`COLLECT ${key} = ${expression} INTO ${other} = ${this.#value(docs, vals, 0)}`);
          parts.push(`LET ${other}s = SORTED(${other})`);
      }
      const outside = (names: readonly string[], before: readonly string[]): string[] => names.filter((each) => before.includes(each));
      docs = outside(docs, documents);
      vals = [...outside(vals, values), key, ...(parts.at(-1)?.startsWith('LET') === true ? [`${other}s`] : [other])];
      order.splice(0, order.length, key, vals.at(-1) as string);
    }
    if (choices.next(3) === 0) {
      const keys = Array.from({ length: choices.next(3) }, () => `${this.#value(docs, vals, 1)} ${choices.of(['', 'DESC'])}`);
      const isTotal = !order.includes('NOTHING');
      if (isTotal) {
        parts.push(`SORT ${[...keys, ...order].join(', ')}`);
        if (choices.next(4) === 0) {
          const name = this.#name('w');
          const bounds = choices.of([
            '{ preceding: 1 }',
            '{ preceding: 1, following: 2 }',
            '{ following: "unbounded" }',
            '{ preceding: "unbounded" }',
          ]);
          parts.push(`WINDOW ${bounds} AGGREGATE ${name} = ${choices.of(['SUM', 'MAX', 'COUNT_DISTINCT'])}(${this.#value(docs, vals, 0)})`);
          vals.push(name);
        }
        if (choices.next(2) === 0) parts.push(`LIMIT ${choices.next(3)}, ${choices.next(8)}`);
      } else if (keys.length > 0) parts.push(`SORT ${keys.join(', ')}`);
    }
    const result =
      choices.next(3) === 0 ? `{ x: ${this.#value(docs, vals, 1)}, y: [${this.#value(docs, vals, 0)}] }` : this.#value(docs, vals, 2);
    parts.push(`RETURN ${choices.next(6) === 0 ? 'DISTINCT ' : ''}${result}`);
    return parts.join(' ');
  }

  #traversal(vertex: string, edge: string, path: string, documents: readonly string[], values: readonly string[]): string {
    const choices = this.#choices;
    const start =
      documents.length > 0 && choices.next(2) === 0 ? `${choices.of(documents)}._id` : choices.of(['"c/c1"', '"c/c4"', '"d/d2"']);
    const depth = choices.of(['1..1', '1..2', '0..2', '2', '1..3']);
    const direction = choices.of(['OUTBOUND', 'INBOUND', 'ANY']);
    const prune =
      choices.next(4) === 0 ? ` PRUNE ${vertex}.b == ${choices.next(4)} || ${edge}.b == ${this.#value(documents, values, 0)}` : '';
    const options = choices.of(['', '', ' OPTIONS { uniqueVertices: "path" }', ' OPTIONS { order: "bfs" }']);
    return `FOR ${vertex}, ${edge}, ${path} IN ${depth} ${direction} ${start} e${prune}${options}`;
  }

  #pathCondition(path: string): string {
    const choices = this.#choices;
    const comparison = `${choices.of(['==', '!=', '<', '>='])} ${choices.next(4)}`;
    return choices.of([
      `${path}.edges[*].b ${choices.of(['ALL', 'NONE', 'ANY'])} ${comparison}`,
      `${path}.vertices[*].b ${choices.of(['ALL', 'NONE', 'ANY'])} ${comparison}`,
      `${path}.edges[${choices.next(2)}].b ${comparison}`,
      `${path}.vertices[${choices.next(3)}].b ${comparison} && ${path}.edges[0].b ${comparison}`,
      `${path}.vertices[-1].b ${comparison} || ${path}.edges[-1].b == null`,
    ]);
  }

  #statement(documents: readonly string[], values: string[], depth: number): string {
    const choices = this.#choices;
    if (choices.next(3) > 0) return `FILTER ${this.#condition(documents, values, 2)}`;
    const name = this.#name('l');
    const value = depth === 0 && choices.next(3) === 0 ? this.#subqueryValue(documents, values) : this.#value(documents, values, 1);
    values.push(name);
    return `LET ${name} = ${value}`;
  }

  /** What is the same of all paths that a search may find, or of all that it must find. */
  #pathValue(documents: readonly string[]): string {
    const choices = this.#choices;
    const end = (): string =>
      documents.length > 0 && choices.next(3) === 0
        ? `${choices.of(documents)}._id`
        : choices.of(['"c/c1"', '"c/c4"', '"c/c7"', '"d/d2"', '"c/c20"']);
    const search = (kind: string): string => `${choices.of(['OUTBOUND', 'INBOUND', 'ANY'])} ${kind} ${end()} TO ${end()} e`;
    switch (choices.next(5)) {
      case 0:
        return `LENGTH(FOR v IN ${search('SHORTEST_PATH')} RETURN v)`;
      case 1:
        return `SUM(FOR v, e IN ${search('SHORTEST_PATH')} OPTIONS { weightAttribute: "b", defaultWeight: 1 } RETURN e.b)`;
      case 2:
        return `SORTED(FOR p IN ${search('ALL_SHORTEST_PATHS')} RETURN p.edges[*]._key)`;
      case 3:
        return `(FOR p IN ${search('K_SHORTEST_PATHS')} LIMIT ${1 + choices.next(4)} RETURN LENGTH(p.vertices))`;
      default:
        return `SORTED(FOR p IN ${choices.of(['1..2', '2..3', '0..1'])} ${search('K_PATHS')} RETURN CONCAT_SEPARATOR(" ", p.edges[*]._key, p.vertices[-1]._key))`;
    }
  }

  #subqueryValue(documents: readonly string[], values: readonly string[]): string {
    if (this.#choices.next(4) === 0) return this.#pathValue(documents);
    const subquery = this.query(documents, values, 1);
    return this.#choices.of([`LENGTH(${subquery})`, `LENGTH(${subquery}) > 0`, `SORTED(${subquery})`, `COUNT_DISTINCT(${subquery})`]);
  }

  #condition(documents: readonly string[], values: readonly string[], depth: number): string {
    const choices = this.#choices;
    if (depth > 0 && choices.next(3) === 0) {
      const [left, right] = [this.#condition(documents, values, depth - 1), this.#condition(documents, values, depth - 1)];
      return choices.of([`(${left} && ${right})`, `(${left} || ${right})`, `!(${left})`, `(${left} ? ${right} : true)`]);
    }
    const left = this.#value(documents, values, 0);
    switch (choices.next(8)) {
      case 0:
        return `${this.#literal()} IN ${this.#attribute(documents) ?? left}`;
      case 1:
        return `${this.#literal()} IN ${this.#attribute(documents) ?? '[1]'}[*]`;
      case 2:
        return `${left} IN [${this.#literal()}, ${this.#literal()}]`;
      case 3:
        return `${this.#attribute(documents) ?? '[1]'} ${choices.of(['ALL', 'ANY', 'NONE'])} == ${this.#literal()}`;
      case 4:
        return `LENGTH(${this.#attribute(documents) ?? '[1]'}[* FILTER CURRENT > ${left}]) > 0`;
      default:
        return `${left} ${choices.of(COMPARISONS)} ${choices.next(3) === 0 ? this.#value(documents, values, 0) : this.#literal()}`;
    }
  }

  #value(documents: readonly string[], values: readonly string[], depth: number): string {
    const choices = this.#choices;
    const attribute = this.#attribute(documents);
    if (attribute !== undefined && choices.next(3) > 0) return attribute;
    if (depth > 0) {
      const inner = this.#value(documents, values, depth - 1);
      const other = this.#value(documents, values, 0);
      const forms = [
        `[${inner}, ${other}]`,
        `{ k: ${inner} }`,
        `(${inner} + ${other})`,
        `NOT_NULL(${inner}, ${other})`,
        `(${inner} || ${other})`,
      ];
      if (choices.next(2) === 0) return choices.of([...forms, `(${inner})[0]`, `(${inner} ? ${other} : ${inner})`, `TYPENAME(${inner})`]);
    }
    return values.length > 0 && choices.next(2) === 0 ? choices.of(values) : this.#literal();
  }

  #attribute(documents: readonly string[]): string | undefined {
    return documents.length === 0 ? undefined : `${this.#choices.of(documents)}.${this.#choices.of(ATTRIBUTES)}`;
  }

  #literal(): string {
    const value = this.#choices.of(VALUES);
    if (this.#choices.next(3) > 0) return JSON.stringify(value);
    const name = `p${Object.keys(this.bindVars).length}`;
    this.bindVars[name] = value ?? null;
    return `@${name}`;
  }

  #name(prefix: string): string {
    return `${prefix}${++this.#names}`;
  }
}

export function randomQuery(numbers: readonly number[]): RandomQuery {
  const writer = new Writer(new Choices(numbers));
  const query = writer.query([], [], 0);
  // Not everything that was thought of has been written.
  const used = Object.entries(writer.bindVars).filter(([name]) => new RegExp(`@${name}\\b`).test(query));
  return { query, bindVars: Object.fromEntries(used) };
}

/** Statements that write, one after the other, each to be run as a query of its own. */
export function randomWrites(numbers: readonly number[]): readonly string[] {
  const choices = new Choices(numbers);
  const number = (): number => choices.next(24);
  const condition = (): string =>
    choices.of([`x.b == ${choices.next(4)}`, `x.n > ${number()}`, `x.a == x.missing`, `x.s >= "s3"`, `x.n IN [${number()}, ${number()}]`]);
  const change = (): string =>
    choices.of([
      `{ a: ${number()} }`,
      '{ o: { p: x.n } }',
      '{ b: null, s: null }',
      '{ t: APPEND(x.t, [1]) }',
      `{ b: (x.n + ${number()}) % 5 }`,
    ]);
  const options = (): string =>
    choices.of(['', '', ' OPTIONS { keepNull: false }', ' OPTIONS { ignoreErrors: true }', ' OPTIONS { mergeObjects: false }']);
  const statement = (): string => {
    switch (choices.next(7)) {
      case 0:
        return `FOR x IN c FILTER ${condition()} UPDATE x WITH ${change()} IN c${options()}`;
      case 1:
        return `FOR x IN c FILTER ${condition()} REPLACE x WITH MERGE(x, ${change()}) IN c${options()}`;
      case 2:
        return `FOR x IN c FILTER ${condition()} REMOVE x IN c RETURN OLD.n`;
      case 3:
        return `FOR x IN ${choices.of(['d', '[{ n: 1, b: 2 }, { n: 1, b: 3 }]'])} UPSERT { n: x.n } INSERT { _key: CONCAT("u", x.n), n: x.n, fresh: true } UPDATE { b: x.b, was: OLD.b } IN c`;
      case 4:
        return `FOR x IN d LET y = (FOR z IN c FILTER z._key == x.ref UPDATE z WITH { seen: x.n } IN c RETURN NEW.seen) RETURN y`;
      case 5:
        return `FOR x IN c FILTER ${condition()} INSERT { _key: CONCAT("copy", x._key), n: -1 - x.n, from: x._key } INTO d${choices.of(['', ' OPTIONS { overwriteMode: "ignore" }', ' OPTIONS { overwriteMode: "update" }'])}`;
      default:
        return `FOR x IN c SORT x.n LIMIT ${choices.next(5)}, ${choices.next(9)} UPDATE x WITH ${change()} IN c LET changed = NEW FILTER changed.b != 1 RETURN changed.n`;
    }
  };
  return Array.from({ length: 1 + choices.next(3) }, statement);
}

export const randomWriteLists: Arbitrary<readonly string[]> = array(nat({ max: 5039 }), { minLength: 5, maxLength: 60, size: 'max' }).map(
  randomWrites,
);

export const randomQueries: Arbitrary<RandomQuery> = array(nat({ max: 5039 }), { minLength: 10, maxLength: 120, size: 'max' }).map(
  randomQuery,
);
