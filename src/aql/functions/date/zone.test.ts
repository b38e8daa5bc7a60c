import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isArangoError } from '#base';
import { HOUR_MS, isoText, MINUTE_MS, parseInstant } from './instant.ts';
import { getZone } from './zone.ts';

const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC', 'America/St_Johns'];

test('a moment comes back from its local time, but where clocks are set back', () => {
  const moments = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2035, 0) });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), moments, (name, instant) => {
      const zone = getZone(name);
      const back = zone.toUtc(zone.toLocal(instant));
      assert(back === instant || zone.toLocal(back) === zone.toLocal(instant), `${name} ${isoText(instant)} ${isoText(back)}`);
    }),
  );
});

test('of two moments the earlier one, and over a gap the clock that had run so far', () => {
  const zone = getZone('Europe/Berlin');
  assert.equal(isoText(zone.toUtc(parseInstant('2023-10-29T02:30'))), '2023-10-29T00:30:00.000Z');
  assert.equal(isoText(zone.toUtc(parseInstant('2023-03-26T02:30'))), '2023-03-26T01:30:00.000Z');
  assert.equal(isoText(zone.toUtc(parseInstant('2023-03-26T03:30'))), '2023-03-26T01:30:00.000Z');
});

test('a period tells when its offset came and goes, and what it is called', () => {
  assert.deepEqual(getZone('America/New_York').periodAt(parseInstant('2020-03-15')), {
    name: 'EDT',
    begin: parseInstant('2020-03-08T07:00'),
    end: parseInstant('2020-11-01T06:00'),
    isDaylightSaving: true,
    offsetMs: -4 * HOUR_MS,
  });
  assert.deepEqual(getZone('Asia/Kathmandu').periodAt(parseInstant('2020-03-15')), {
    name: '+0545',
    begin: parseInstant('1985-12-31T18:30'),
    end: undefined,
    isDaylightSaving: false,
    offsetMs: 5 * HOUR_MS + 45 * MINUTE_MS,
  });
});

test('a zone that there is not is error 4', () => {
  assert.throws(
    () => getZone('Foxland/Den'),
    (error) => isArangoError(error) && error.errorNum === 4,
  );
});
