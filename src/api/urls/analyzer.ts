/** /_api/analyzer: analyzers, which functions of AQL can use. */
import { ArangoError } from '#base';
import { Analyzers } from '#database';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { parseJson } from '../json.ts';
import { answerJson, answerOk, answerResult } from '../respond.ts';
import { del, get, post, type Route } from '../routes.ts';

export const analyzerApi: readonly Route[] = [
  get('/_api/analyzer', 'read', ({ database }) => answerResult(new Analyzers(database).list())),
  get('/_api/analyzer/:name', 'read', ({ database, params }) => answerOk(new Analyzers(database).get(params.name))),

  /** 201 for a new one, 200 for one that is there just like that. Throws 10 for one that is there otherwise. */
  post('/_api/analyzer', 'write', (request) => {
    const body = request.jsonObject();
    if (Object.keys(body).length === 0) throw new ArangoError('ERROR_HTTP_CORRUPTED_JSON');
    const { name, type, features = [] } = body;
    if (typeof name !== 'string') throw invalid("invalid 'name'");
    if (typeof type !== 'string') throw invalid("invalid 'type'");
    const properties = propertiesOf(body);
    const { analyzer, isNew } = new Analyzers(request.database).save({ name, type, properties, features: featuresOf(features) });
    return answerJson(isNew ? 201 : 200, analyzer);
  }),

  del('/_api/analyzer/:name', 'write', ({ database, params }) => answerOk({ name: new Analyzers(database).remove(params.name) })),
];

/** They may be a text. */
function propertiesOf({ properties = {} }: ValueObject): ValueObject {
  const given = typeof properties === 'string' ? parseJson(properties) : properties;
  if (!isObject(given)) throw invalid("invalid 'properties'");
  return given;
}

const FEATURES = new Set<Value>(['frequency', 'norm', 'position', 'offset']);

function featuresOf(features: Value): readonly Value[] {
  if (!isArray(features)) throw invalid("invalid 'features'");
  if (!features.every((feature) => typeof feature === 'string')) throw invalid("invalid value in 'features'");
  if (!features.every((feature) => FEATURES.has(feature))) throw invalid("unknown value in 'features'");
  return features;
}

function invalid(what: string): ArangoError {
  const form = '{ name: <string>, type: <string>[, properties: <object>[, features: <string-array>]] }';
  return new ArangoError('ERROR_BAD_PARAMETER', { message: `${what}, expecting body to be of the form ${form}` });
}
