import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { calendarTime, dayOfYear, FIRST_INSTANT, instantOf, isoText, isoWeek, LAST_INSTANT, parseInstant } from './instant.ts';

const instants = fc.integer({ min: FIRST_INSTANT, max: LAST_INSTANT });

test('an instant comes back from its ISO string and from its calendar time', () => {
  fc.assert(
    fc.property(instants, (instant) => {
      assert.equal(parseInstant(isoText(instant)), instant);
      assert.equal(instantOf(calendarTime(instant)), instant);
    }),
  );
});

test('what runs over goes into the greater parts, as in JavaScript', () => {
  const part = fc.integer({ min: -50, max: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 9000 }), part, part, (year, month, day) => {
      assert.equal(instantOf({ year, month, day }), Date.UTC(year, month - 1, day));
    }),
  );
});

const VALID: readonly (readonly [text: string, iso: string])[] = [
  ['2012', '2012-01-01T00:00:00.000Z'],
  ['2012Z', '2012-01-01T00:00:00.000Z'],
  ['2012-2', '2012-02-01T00:00:00.000Z'],
  [' \t2012-2-3z ', '2012-02-03T00:00:00.000Z'],
  ['2012-02-03 04:05', '2012-02-03T04:05:00.000Z'],
  ['2012-02-03T04:05:06.7', '2012-02-03T04:05:06.700Z'],
  ['2012-02-03T04:05:06.78912Z', '2012-02-03T04:05:06.789Z'],
  ['2012-02-03T04:05:06+01:30', '2012-02-03T02:35:06.000Z'],
  ['2012-02-03T04:05:06+1:30', '2012-02-03T02:35:06.000Z'],
  ['2012-02-03T04:05:06-0130', '2012-02-03T05:35:06.000Z'],
  ['2015-02-31', '2015-03-03T00:00:00.000Z'],
  ['0', '0000-01-01T00:00:00.000Z'],
  ['+2012', '2012-01-01T00:00:00.000Z'],
];

test('dates that are taken', () => {
  for (const [text, iso] of VALID) assert.equal(isoText(parseInstant(text)), iso, text);
});

const INVALID = [
  '',
  ' ',
  'fox',
  '20120',
  '-2012',
  '2012-',
  '2012-13',
  '2012-00-01',
  '2012-1-32',
  '2012-1-001',
  '2012-02-03T',
  '2012-02-03T04',
  '2012-02-03T4:05',
  '2012-02-03T04:5',
  '2012-02-03T24:00:00',
  '2012-02-03T04:60',
  '2012-02-03T04:05:60',
  '2012-02-03T04:05:06.',
  '2012-02-03T04:05:06+1',
  '2012-02-03T04:05:06+01:3',
  '2012-02-03Zz',
  '2012-02-03 x',
  '0000-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59-01:00',
];

test('strings that are no dates', () => {
  for (const text of INVALID) assert(Number.isNaN(parseInstant(text)), text);
});

test('weeks belong to the year of their Thursday', () => {
  assert.deepEqual(isoWeek(parseInstant('2023-01-01')), { week: 52, year: 2022 });
  assert.deepEqual(isoWeek(parseInstant('2020-12-31')), { week: 53, year: 2020 });
  assert.deepEqual(isoWeek(parseInstant('2019-12-30')), { week: 1, year: 2020 });
  assert.equal(dayOfYear(parseInstant('2020-12-31')), 366);
});
