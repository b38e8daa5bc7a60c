/** Functions that check and cast types. */
import { DocumentView, toArray, toBool, toNumber, toText, typeName } from '#values';
import { define, value, view } from './define.ts';

export const TO_BOOL = define({
  name: 'TO_BOOL',
  summary: '`value` as a boolean: null, false, 0 and the empty string are false, everything else is true, empty arrays and objects too.',
  params: [value('value')],
  examples: [
    ['TO_BOOL("")', false],
    ['TO_BOOL("0")', true],
    ['TO_BOOL([])', true],
  ],
  call: (given) => toBool(given),
});

export const TO_NUMBER = define({
  name: 'TO_NUMBER',
  summary:
    '`value` as a number: null and false are 0, true is 1, a string is the number it holds or 0, an array of one element is that element as a number; everything else is 0.',
  params: [value('value')],
  examples: [
    ['TO_NUMBER(" 42.5 ")', 42.5],
    ['TO_NUMBER("42 apples")', 0],
    ['TO_NUMBER([["7"]])', 7],
    ['TO_NUMBER([1, 2])', 0],
  ],
  call: (given) => toNumber(given),
});

export const TO_STRING = define({
  name: 'TO_STRING',
  summary: '`value` as a string: null is the empty string, arrays and objects are JSON.',
  params: [value('value')],
  examples: [
    ['TO_STRING(null)', ''],
    ['TO_STRING(0.0000002)', '2e-7'],
    ['TO_STRING([1, {a: true}])', '[1,{"a":true}]'],
  ],
  call: (given) => toText(given),
});

export const TO_ARRAY = define({
  name: 'TO_ARRAY',
  aliases: ['TO_LIST'],
  summary: '`value` as an array: null is empty, an object is the array of its values, any other value the array of itself.',
  params: [value('value')],
  examples: [
    ['TO_ARRAY(null)', []],
    ['TO_ARRAY("fox")', ['fox']],
    ['TO_ARRAY({name: "fox", legs: 4})', ['fox', 4]],
  ],
  call: (given) => toArray(given),
});

export const IS_NULL = define({
  name: 'IS_NULL',
  summary: 'Whether `value` is null. A missing attribute is.',
  params: [view('value')],
  examples: [
    ['IS_NULL(null)', true],
    ['IS_NULL({}.name)', true],
    ['IS_NULL(0)', false],
  ],
  call: (given) => given === null,
});

export const IS_BOOL = define({
  name: 'IS_BOOL',
  summary: 'Whether `value` is a boolean.',
  params: [view('value')],
  examples: [
    ['IS_BOOL(false)', true],
    ['IS_BOOL(0)', false],
  ],
  call: (given) => typeof given === 'boolean',
});

export const IS_NUMBER = define({
  name: 'IS_NUMBER',
  summary: 'Whether `value` is a number.',
  params: [view('value')],
  examples: [
    ['IS_NUMBER(-1.5)', true],
    ['IS_NUMBER("1")', false],
  ],
  call: (given) => typeof given === 'number',
});

export const IS_STRING = define({
  name: 'IS_STRING',
  summary: 'Whether `value` is a string.',
  params: [view('value')],
  examples: [
    ['IS_STRING("")', true],
    ['IS_STRING(null)', false],
  ],
  call: (given) => typeof given === 'string',
});

export const IS_ARRAY = define({
  name: 'IS_ARRAY',
  aliases: ['IS_LIST'],
  summary: 'Whether `value` is an array.',
  params: [view('value')],
  examples: [
    ['IS_ARRAY([])', true],
    ['IS_ARRAY({})', false],
  ],
  call: (given) => Array.isArray(given),
});

export const IS_OBJECT = define({
  name: 'IS_OBJECT',
  aliases: ['IS_DOCUMENT'],
  summary: 'Whether `value` is an object.',
  params: [view('value')],
  examples: [
    ['IS_OBJECT({})', true],
    ['IS_OBJECT([])', false],
    ['IS_OBJECT(null)', false],
  ],
  call: (given) => typeof given === 'object' && given !== null && !Array.isArray(given),
});

export const IS_KEY = define({
  name: 'IS_KEY',
  summary: 'Whether `value` is a string that can be the key of a document.',
  params: [value('value')],
  examples: [
    ['IS_KEY("a-fox:1@den")', true],
    ['IS_KEY("a/fox")', false],
    ['IS_KEY("")', false],
    ['IS_KEY(1)', false],
  ],
  call: (given) => typeof given === 'string' && /^[A-Za-z0-9_\-.@()+,=;$!*'%:]{1,254}$/.test(given),
});

export const TYPENAME = define({
  name: 'TYPENAME',
  summary: "The name of `value`'s type: null, bool, number, string, array or object.",
  params: [view('value')],
  examples: [
    ['TYPENAME(null)', 'null'],
    ['TYPENAME(true)', 'bool'],
    ['TYPENAME(-17.3)', 'number'],
    ['TYPENAME("fox")', 'string'],
    ['TYPENAME([])', 'array'],
    ['TYPENAME({})', 'object'],
  ],
  call: (given) => (given instanceof DocumentView ? 'object' : typeName(given)),
});
