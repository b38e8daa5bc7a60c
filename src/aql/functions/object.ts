/**
 * AQL's functions on objects. A document may come as a view, which is decoded only as far as a function looks.
 *
 * ArangoDB gives the attributes of an object that it takes apart in the order of their names' bytes; so do these functions, where
 * clients can see it.
 */
import { compareStrings, DocumentView, equalValues, isArray, isObject, plain, toText, type Value, type ValueObject } from '#values';
import { setAttribute } from './attributes.ts';
import type { FunctionContext } from './context.ts';
import { array, bool, define, object, optional, rest, text, value, view, warn } from './define.ts';
import { identifierText, parseIdentifier } from './identifier.ts';

export const ATTRIBUTES = define({
  name: 'ATTRIBUTES',
  aliases: ['KEYS'],
  summary: 'The names of the attributes of `document`; without those that begin with `_`, and sorted, as wanted.',
  params: [view('document'), optional(bool('removeSystemAttrs'), false), optional(bool('sort'), false)],
  examples: [
    ['ATTRIBUTES({foo: "bar", _key: "123", _custom: "yes"}, true)', ['foo']],
    ['ATTRIBUTES({foo: "bar", _key: "123", _custom: "yes"}, false, true)', ['_custom', '_key', 'foo']],
    ['ATTRIBUTES("fox")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, removeSystem, sort, context) => {
    const given = plain(document);
    if (!isObject(given)) return warn(context, 'ATTRIBUTES');
    const names = Object.keys(given).filter((name) => !removeSystem || !name.startsWith('_'));
    return sort ? names.toSorted(compareStrings) : names;
  },
});

export const ENTRIES = define({
  name: 'ENTRIES',
  summary: 'Name and value of each attribute of `document`.',
  params: [view('document')],
  examples: [
    [
      'ENTRIES({foo: "bar", number: 123})',
      [
        ['foo', 'bar'],
        ['number', 123],
      ],
    ],
    ['ENTRIES([])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, context) => {
    const given = plain(document);
    return isObject(given) ? Object.entries(given) : warn(context, 'ENTRIES');
  },
});

export const VALUES = define({
  name: 'VALUES',
  summary: 'The values of the attributes of `document`; without those whose names begin with `_`, if wanted.',
  params: [view('document'), optional(bool('removeSystemAttrs'), false)],
  examples: [
    ['VALUES({_id: "users/jane", name: "Jane", age: 35})', ['users/jane', 'Jane', 35]],
    ['VALUES({_id: "users/jane", name: "Jane", age: 35}, true)', ['Jane', 35]],
    ['VALUES(1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, removeSystem, context) => {
    const given = plain(document);
    if (!isObject(given)) return warn(context, 'VALUES');
    return Object.entries(given).flatMap(([name, each]) => (removeSystem && name.startsWith('_') ? [] : [each]));
  },
});

export const HAS = define({
  name: 'HAS',
  summary: 'Whether `document` has an attribute of that name, be it null.',
  params: [view('document'), text('attributeName')],
  examples: [
    ['HAS({name: null}, "name")', true],
    ['HAS({name: null}, "age")', false],
    ['HAS(null, "name")', false],
  ],
  call: (document, name) => {
    if (document instanceof DocumentView) return document.has(name);
    return isObject(document) && Object.hasOwn(document, name);
  },
});

export const KEEP = define({
  name: 'KEEP',
  summary: '`document` with none but the named attributes, which are arguments or one array.',
  params: [view('document'), rest(value('attributeNames'), 1)],
  examples: [
    ['KEEP({foo: {bar: 1}, baz: 4}, "foo")', { foo: { bar: 1 } }],
    ['KEEP({foo: 1, bar: 2, baz: 3}, ["foo", "baz"])', { baz: 3, foo: 1 }],
    ['KEEP(1, "foo")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, names, context) => {
    if (!(document instanceof DocumentView) && !isObject(document)) return warn(context, 'KEEP');
    const kept: Record<string, Value> = {};
    for (const name of [...attributeNames('KEEP', names, context)].toSorted()) {
      if (document instanceof DocumentView) {
        if (document.has(name)) setAttribute(kept, name, document.get(name));
      } else if (Object.hasOwn(document, name)) setAttribute(kept, name, document[name] ?? null);
    }
    return kept;
  },
});

export const KEEP_RECURSIVE = define({
  name: 'KEEP_RECURSIVE',
  summary: '`document` with none but the named attributes, and so in the objects that these are.',
  params: [view('document'), rest(value('attributeNames'), 1)],
  examples: [
    ['KEEP_RECURSIVE({foo: {bar: {foo: 1, baz: 2}, baz: 3}, baz: 4}, "foo")', { foo: {} }],
    ['KEEP_RECURSIVE({foo: {bar: {foo: 1, baz: 2}, baz: 3}, baz: 4}, ["foo", "baz"])', { baz: 4, foo: { baz: 3 } }],
  ],
  call: (document, names, context) => {
    const given = plain(document);
    if (!isObject(given)) return warn(context, 'KEEP_RECURSIVE');
    const kept = attributeNames('KEEP_RECURSIVE', names, context);
    return select(given, (name) => kept.has(name), { isRecursive: true });
  },
});

export const UNSET = define({
  name: 'UNSET',
  summary: '`document` without the named attributes, which are arguments or one array.',
  params: [view('document'), rest(value('attributeNames'), 1)],
  examples: [
    ['UNSET({foo: {bar: 1}, baz: 4}, "foo")', { baz: 4 }],
    ['UNSET({foo: 1, bar: 2, baz: 3}, ["foo", "bar"])', { baz: 3 }],
    ['UNSET([], "foo")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, names, context) => {
    const given = plain(document);
    if (!isObject(given)) return warn(context, 'UNSET');
    const removed = attributeNames('UNSET', names, context);
    return select(given, (name) => !removed.has(name), { isRecursive: false });
  },
});

export const UNSET_RECURSIVE = define({
  name: 'UNSET_RECURSIVE',
  summary: '`document` without the named attributes, and so in the objects that the others are.',
  params: [view('document'), rest(value('attributeNames'), 1)],
  examples: [
    ['UNSET_RECURSIVE({foo: {bar: {foo: 1, baz: 2}, baz: 3}, baz: 4}, "baz")', { foo: { bar: { foo: 1 } } }],
    ['UNSET_RECURSIVE({foo: [{bar: 1}]}, "bar")', { foo: [{ bar: 1 }] }],
  ],
  call: (document, names, context) => {
    const given = plain(document);
    if (!isObject(given)) return warn(context, 'UNSET_RECURSIVE');
    const removed = attributeNames('UNSET_RECURSIVE', names, context);
    return select(given, (name) => !removed.has(name), { isRecursive: true });
  },
});

export const IS_SAME_COLLECTION = define({
  name: 'IS_SAME_COLLECTION',
  summary: 'Whether a document, given itself or by its identifier, is of the collection of that name.',
  params: [{ ...view('collectionName'), type: 'collection' }, view('documentIdentifier')],
  examples: [
    ['IS_SAME_COLLECTION("users", "users/fox")', true],
    ['IS_SAME_COLLECTION("users", {_id: "foxes/fox"})', false],
    ['IS_SAME_COLLECTION("users", {_key: "fox"})', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (collection, document, context) => {
    const [first, second] = [collectionOf(collection), collectionOf(document)];
    return first === '' || second === '' ? warn(context, 'IS_SAME_COLLECTION') : first === second;
  },
});

export const PARSE_COLLECTION = define({
  name: 'PARSE_COLLECTION',
  summary: 'The name of the collection in the identifier of a document.',
  params: [view('documentIdentifier')],
  examples: [
    ['PARSE_COLLECTION("users/fox")', 'users'],
    ['PARSE_COLLECTION({_id: "users/fox"})', 'users'],
    ['PARSE_COLLECTION("fox")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, context) => parseIdentifier(document)?.collection ?? warn(context, 'PARSE_COLLECTION'),
});

export const PARSE_IDENTIFIER = define({
  name: 'PARSE_IDENTIFIER',
  summary: 'The name of the collection and the key in the identifier of a document.',
  params: [view('documentIdentifier')],
  examples: [
    ['PARSE_IDENTIFIER("users/fox")', { collection: 'users', key: 'fox' }],
    ['PARSE_IDENTIFIER({_id: "users/fox"})', { collection: 'users', key: 'fox' }],
    ['PARSE_IDENTIFIER("a/b/c")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, context) => parseIdentifier(document) ?? warn(context, 'PARSE_IDENTIFIER'),
});

export const PARSE_KEY = define({
  name: 'PARSE_KEY',
  summary: 'The key in the identifier of a document.',
  params: [view('documentIdentifier')],
  examples: [
    ['PARSE_KEY("users/fox")', 'fox'],
    ['PARSE_KEY(null)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, context) => parseIdentifier(document)?.key ?? warn(context, 'PARSE_KEY'),
});

export const MATCHES = define({
  name: 'MATCHES',
  summary:
    'Whether `document` has all the attributes of one of `examples`, an object or an array of them; with `returnIndex` which one, or -1. Null stands for a missing attribute, too.',
  params: [view('document'), value('examples'), optional(bool('returnIndex'), false)],
  examples: [
    ['MATCHES({name: "jane", age: 27}, {age: 27, den: null})', true],
    ['MATCHES({test: 1}, [{test: 1, foo: "bar"}, {foo: 1}, {test: 1}], true)', 2],
    ['MATCHES({test: 1}, {test: 2})', false],
    ['MATCHES({test: 1}, 1)', false, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, examples, returnIndex, context) => {
    if (!(document instanceof DocumentView) && !isObject(document)) return false;
    const index = (isArray(examples) ? examples : [examples]).findIndex((example) => {
      if (isObject(example)) return hasAllOf(document, example);
      warn(context, 'MATCHES');
      return false;
    });
    return returnIndex ? index : index !== -1;
  },
});

export const MERGE = define({
  name: 'MERGE',
  summary: 'One object with the attributes of all `documents`, which are arguments or one array; later ones win.',
  params: [rest(view('documents'), 1)],
  examples: [
    ['MERGE({a: 1, b: {c: 1}}, {b: {d: 2}})', { a: 1, b: { d: 2 } }],
    ['MERGE([{foo: "bar"}, {foo: "done", bar: "baz"}])', { foo: 'done', bar: 'baz' }],
    ['MERGE({}, null)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (documents, context) => {
    const objects = objectsOf(documents);
    return objects === undefined ? warn(context, 'MERGE') : (Object.assign({}, ...objects) as ValueObject);
  },
});

export const MERGE_RECURSIVE = define({
  name: 'MERGE_RECURSIVE',
  summary: 'As MERGE, but objects of the same name are merged, too. Arrays are not.',
  params: [rest(view('documents'), 1)],
  examples: [
    ['MERGE_RECURSIVE({a: {b: 1, c: [1]}}, {a: {c: [2], d: 3}})', { a: { b: 1, c: [2], d: 3 } }],
    ['MERGE_RECURSIVE([{a: {b: 1}}, {a: {b: 2}}])', { a: { b: 2 } }],
    ['MERGE_RECURSIVE([1])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (documents, context) => objectsOf(documents)?.reduce(mergeDeeply, {}) ?? warn(context, 'MERGE_RECURSIVE'),
});

export const TRANSLATE = define({
  name: 'TRANSLATE',
  summary: 'What `lookupDocument` has under the name `value`; else `defaultValue`, or `value` itself without one.',
  params: [value('value'), object('lookupDocument'), optional(value('defaultValue'))],
  examples: [
    ['TRANSLATE("FR", {US: "United States", FR: "France"})', 'France'],
    ['TRANSLATE(42, {"42": true})', true],
    ['TRANSLATE(42, {foo: "bar"})', 42],
    ['TRANSLATE(42, {foo: "bar"}, "not found")', 'not found'],
  ],
  call: (given, lookup, fallback) => {
    const name = toText(given);
    if (Object.hasOwn(lookup, name)) return lookup[name] ?? null;
    return fallback === undefined ? given : fallback;
  },
});

export const VALUE = define({
  name: 'VALUE',
  summary: 'What `path`, an array of names and positions, leads to inside of `document`.',
  params: [view('document'), array('path')],
  examples: [
    ['VALUE({foo: {bar: "baz"}}, ["foo", "bar"])', 'baz'],
    ['VALUE({foo: [{bar: 1}, {bar: 2}]}, ["foo", -1, "bar"])', 2],
    ['VALUE({foo: 1}, ["foo", "bar"])', null],
    ['VALUE({foo: 1}, [true])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
    ['VALUE(1, [])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (document, path, context) => {
    const isPath = path.length > 0 && path.every((each) => typeof each === 'string' || typeof each === 'number');
    if (!isPath || (!(document instanceof DocumentView) && !isObject(document))) return warn(context, 'VALUE');
    let found: Value | DocumentView = document;
    for (const step of path) {
      if (found instanceof DocumentView) found = found.get(toText(step));
      else if (isArray(found)) found = (typeof step === 'number' ? found.at(step) : null) ?? null;
      else found = isObject(found) && Object.hasOwn(found, toText(step)) ? (found[toText(step)] ?? null) : null;
    }
    return found;
  },
});

export const ZIP = define({
  name: 'ZIP',
  summary: 'An object with the attributes named by `keys` and the values of `values`. Of equal keys the first one counts.',
  params: [array('keys'), array('values')],
  examples: [
    ['ZIP(["name", "active"], ["some fox", true])', { name: 'some fox', active: true }],
    ['ZIP(["a", "a", 1], [1, 2, 3])', { a: 1, '1': 3 }],
    ['ZIP(["a"], [])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (keys, values, context) => {
    if (keys.length !== values.length) return warn(context, 'ZIP');
    const zipped: Record<string, Value> = {};
    for (const [i, key] of keys.entries()) {
      const name = toText(key);
      if (!Object.hasOwn(zipped, name)) setAttribute(zipped, name, values[i] ?? null);
    }
    return zipped;
  },
});

/** The names that KEEP, UNSET and the like were given. What is neither a name nor a number nor an array of names is passed over. */
function attributeNames(functionName: string, given: readonly Value[], context: FunctionContext): ReadonlySet<string> {
  const names = new Set<string>();
  for (const each of given) {
    if (typeof each === 'string' || typeof each === 'number') names.add(toText(each));
    else if (isArray(each)) {
      for (const name of each) {
        if (typeof name === 'string') names.add(name);
        else warn(context, functionName);
      }
    }
  }
  return names;
}

function select(given: ValueObject, isWanted: (name: string) => boolean, options: { readonly isRecursive: boolean }): ValueObject {
  const selected: Record<string, Value> = {};
  for (const name of Object.keys(given).toSorted()) {
    const each = given[name] ?? null;
    if (isWanted(name)) setAttribute(selected, name, options.isRecursive && isObject(each) ? select(each, isWanted, options) : each);
  }
  return selected;
}

/** The name before the slash of an identifier, or a name without one. */
function collectionOf(given: Value | DocumentView): string {
  return identifierText(given).split('/')[0] ?? '';
}

function hasAllOf(document: ValueObject | DocumentView, example: ValueObject): boolean {
  return Object.entries(example).every(([name, expected]) => {
    const actual = document instanceof DocumentView ? document.get(name) : Object.hasOwn(document, name) ? (document[name] ?? null) : null;
    return equalValues(actual, expected);
  });
}

/** The objects that were given as arguments or as one array; undefined when something else is among them. */
function objectsOf(given: readonly (Value | DocumentView)[]): readonly ValueObject[] | undefined {
  const [first = null] = given;
  const candidates = given.length === 1 && !(first instanceof DocumentView) && isArray(first) ? first : given.map(plain);
  return candidates.every(isObject) ? candidates : undefined;
}

function mergeDeeply(into: ValueObject, from: ValueObject): ValueObject {
  const merged: Record<string, Value> = { ...into };
  for (const [name, added] of Object.entries(from)) {
    const before = Object.hasOwn(merged, name) ? (merged[name] ?? null) : null;
    setAttribute(merged, name, isObject(before) && isObject(added) ? mergeDeeply(before, added) : added);
  }
  return merged;
}
