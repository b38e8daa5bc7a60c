/** What conditions and sort keys say of places, in the form that geo indexes understand. */
import { searchAccesses, type IndexAccess, type SearchKind } from '#documents';
import type { CollectionDefinition, FieldPath } from '#catalog';
import type { Variable } from '../bound-query.ts';
import { attributePathOf, constant, reference, type Expression } from '../expression.ts';
import { findFunction } from '../functions/registry.ts';
import type { FieldBound, IndexLookup } from '../plan.ts';

/** Documents of which a search is about. */
export interface Searched {
  readonly collection: CollectionDefinition;
  readonly variable: Variable;
  /** Whether an expression has its value before the documents are looked for. */
  readonly isKnown: (expression: Expression) => boolean;
  /** How the query reads the rings of polygons: an index that reads them otherwise would miss some. */
  readonly hasLegacyPolygons: boolean;
}

export interface FoundSearch {
  readonly lookup: IndexLookup;
  /** The condition, if it holds for all that is found. Otherwise there may be too much. */
  readonly answered?: Expression;
}

/** The search that finds all documents that meet the condition, if there is one. */
export function searchFor(condition: Expression, searched: Searched): FoundSearch | undefined {
  if (condition.type === 'call') {
    const lookup = searchForCall(condition, searched);
    return lookup && { lookup };
  }
  if (condition.type !== 'binary') return undefined;
  const { operator, left, right } = condition;
  switch (operator) {
    case '==':
      if (isTrue(right)) return searchFor(left, searched);
      return isTrue(left) ? searchFor(right, searched) : undefined;
    case '<':
    case '<=':
      return withinDistance(condition, left, right, operator === '<=', searched);
    case '>':
    case '>=':
      return withinDistance(condition, right, left, operator === '>=', searched);
    default:
      return undefined;
  }
}

/** The search that gives documents in the order of a sort key. */
export function nearestBy(key: Expression, searched: Searched): IndexLookup | undefined {
  const lookup = distanceLookup(key, searched);
  return lookup && { ...lookup, condition: shownCondition(lookup, false, constant('unlimited'), searched) };
}

function withinDistance(
  condition: Expression,
  distance: Expression,
  limit: Expression,
  isInclusive: boolean,
  searched: Searched,
): FoundSearch | undefined {
  if (!searched.isKnown(limit)) return undefined;
  const lookup = distanceLookup(distance, searched, { expression: limit, isInclusive });
  return lookup && { lookup: { ...lookup, condition: shownCondition(lookup, isInclusive, limit, searched) }, answered: condition };
}

/** As ArangoDB shows it, however the query says it. */
function shownCondition(
  { access, equal }: IndexLookup,
  isInclusive: boolean,
  limit: Expression,
  { variable }: Searched,
): readonly Expression[] {
  const [origin] = equal;
  const distance = findFunction('GEO_DISTANCE');
  if (origin === undefined || distance === undefined) return [];
  const [first, second] = access.fields.map(({ steps }) =>
    steps.reduce<Expression>((object, name) => ({ type: 'attribute', object, name }), reference(variable)),
  );
  if (first === undefined) return [];
  const place: Expression = second === undefined ? first : { type: 'array', elements: [second, first] };
  const call: Expression = { type: 'call', function: distance, arguments: [origin.expression, place] };
  return [{ type: 'binary', operator: isInclusive ? '<=' : '<', left: call, right: limit }];
}

function searchForCall(call: Expression & { readonly type: 'call' }, searched: Searched): IndexLookup | undefined {
  const [first, second, , high, , , ellipsoid] = call.arguments;
  if (first === undefined || second === undefined) return undefined;
  switch (call.function.name) {
    case 'GEO_CONTAINS':
    case 'GEO_INTERSECTS':
      return placeAndOther(first, second, 'region', searched);
    case 'GEO_IN_RANGE':
      if (high === undefined || !searched.isKnown(high) || !isSphere(ellipsoid)) return undefined;
      return placeAndOther(first, second, 'distance', searched, { expression: high, isInclusive: true });
    default:
      return undefined;
  }
}

function distanceLookup(distance: Expression, searched: Searched, high?: FieldBound): IndexLookup | undefined {
  if (distance.type !== 'call') return undefined;
  const [first, second, third, fourth] = distance.arguments;
  if (first === undefined || second === undefined) return undefined;
  switch (distance.function.name) {
    case 'GEO_DISTANCE':
      return isSphere(third) ? placeAndOther(first, second, 'distance', searched, high) : undefined;
    case 'DISTANCE':
      if (third === undefined || fourth === undefined) return undefined;
      return (
        circleLookup([first, second], [third, fourth], searched, high) ?? circleLookup([third, fourth], [first, second], searched, high)
      );
    default:
      return undefined;
  }
}

/** One of two arguments is the place of a document, the other is known. */
function placeAndOther(
  first: Expression,
  second: Expression,
  kind: SearchKind,
  searched: Searched,
  high?: FieldBound,
): IndexLookup | undefined {
  for (const [place, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const access = searched.isKnown(other) ? accessTo(place, kind, searched) : undefined;
    if (access !== undefined) return lookupOf(access, other, high);
  }
  return undefined;
}

type Pair = readonly [latitude: Expression, longitude: Expression];

function circleLookup(place: Pair, other: Pair, searched: Searched, high?: FieldBound): IndexLookup | undefined {
  if (!other.every(searched.isKnown)) return undefined;
  const [latitude, longitude] = place;
  const access = accessesOf('great circle', searched).find(({ index, fields }) => {
    if (index.type !== 'geo') return false;
    const [first, second] = fields;
    if (first === undefined) return false;
    if (second !== undefined) return isField(latitude, first, searched) && isField(longitude, second, searched);
    const [latitudeAt, longitudeAt] = index.isGeoJson ? [1, 0] : [0, 1];
    return isElement(latitude, first, latitudeAt, searched) && isElement(longitude, first, longitudeAt, searched);
  });
  return access && lookupOf(access, { type: 'array', elements: [other[1], other[0]] }, high);
}

/** The index that knows a place: an attribute with GeoJSON, or `[doc.longitude, doc.latitude]`. */
function accessTo(place: Expression, kind: SearchKind, searched: Searched): IndexAccess | undefined {
  return accessesOf(kind, searched).find(({ index, fields: [first, second] }) => {
    if (index.type !== 'geo' || first === undefined) return false;
    if (second === undefined) {
      return index.isGeoJson && index.hasLegacyPolygons === searched.hasLegacyPolygons && isField(place, first, searched);
    }
    if (place.type !== 'array' || place.elements.length !== 2) return false;
    const [longitude, latitude] = place.elements;
    return isField(latitude, first, searched) && isField(longitude, second, searched);
  });
}

function accessesOf(kind: SearchKind, { collection }: Searched): readonly IndexAccess[] {
  return searchAccesses(collection).filter(({ search }) => search === kind);
}

function lookupOf(access: IndexAccess, other: Expression, high: FieldBound | undefined): IndexLookup {
  return { access, equal: [{ is: 'value', expression: other }], ...(high && { high }), condition: [] };
}

function isField(expression: Expression | undefined, { steps }: FieldPath, { variable }: Searched): boolean {
  const chain = expression && attributePathOf(expression);
  return chain?.variable === variable && chain.path.length === steps.length && chain.path.every((step, i) => step === steps[i]);
}

/** `doc.location[0]` */
function isElement(expression: Expression, field: FieldPath, at: number, searched: Searched): boolean {
  if (expression.type !== 'index' || expression.index.type !== 'constant' || expression.index.value !== at) return false;
  return isField(expression.object, field, searched);
}

function isSphere(ellipsoid: Expression | undefined): boolean {
  return ellipsoid === undefined || (ellipsoid.type === 'constant' && ellipsoid.value === 'sphere');
}

function isTrue(expression: Expression): boolean {
  return expression.type === 'constant' && expression.value === true;
}
