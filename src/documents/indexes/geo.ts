/**
 * The geo index: documents by where on Earth they are. What has no valid place has no entry.
 *
 * Searches give documents that may be meant, never too few; whoever asks looks at each of them again.
 */
import type { GeoIndex } from '#catalog';
import type { IndexEntry } from '#storage';
import {
  attributeReader,
  InvalidShape,
  isArray,
  parseShape,
  type AttributeReader,
  type DocumentView,
  type PolygonReading,
  type Shape,
  type Value,
} from '#values';
import type { EntryMaker } from './entry-maker.ts';
import { shapeKeys } from './geo-cells.ts';

export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

export class GeoEntries implements EntryMaker {
  readonly index: GeoIndex;
  readonly #readers: readonly AttributeReader[];

  constructor(index: GeoIndex) {
    this.index = index;
    this.#readers = index.fields.map(({ steps: [first = '', ...path] }) => attributeReader(first, ...path));
  }

  add(document: DocumentView, entries: IndexEntry[]): void {
    const shape = this.shape(document);
    if (shape === undefined) return;
    for (const key of shapeKeys(shape)) entries.push({ index: this.index.table, key, isUnique: false });
  }

  /** Undefined for a document that is not in the index. */
  shape(document: DocumentView): Shape | undefined {
    const coordinates = this.coordinates(document);
    if (coordinates !== undefined) return findShape([coordinates.longitude, coordinates.latitude], this.index);
    const value = this.#readers[0]?.(document) ?? null;
    return this.index.isGeoJson && !isArray(value) ? findShape(value, this.index) : undefined;
  }

  /** Of a document whose place is two numbers. */
  coordinates(document: DocumentView): Coordinates | undefined {
    const values = this.#readers.map((read) => read(document));
    const [pair = null] = values;
    const [first, second] = values.length === 2 ? values : isArray(pair) ? pair : [];
    const [latitude, longitude] = this.index.isGeoJson ? [second, first] : [first, second];
    if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
    return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;
  }
}

/** Undefined for what is no shape. */
export function findShape(value: Value, reading: PolygonReading): Shape | undefined {
  try {
    return parseShape(value, reading);
  } catch (error) {
    if (error instanceof InvalidShape) return undefined;
    throw error;
  }
}
