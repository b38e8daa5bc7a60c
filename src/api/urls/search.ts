/**
 * /_api/analyzer and /_api/view: the analyzers that come along can be looked up. Views and analyzers of users need ArangoSearch, which
 * foxden has not: making one says so, and there are none to be found.
 */
import { ArangoError, type HttpAnswer } from '#base';
import type { ValueObject } from '#values';
import { answerOk, answerResult } from '../respond.ts';
import { del, get, patch, post, put, type ApiRequest, type Route } from '../routes.ts';

const FEATURES = ['frequency', 'norm', 'position'];
const LANGUAGES = ['de', 'en', 'es', 'fi', 'fr', 'it', 'nl', 'no', 'pt', 'ru', 'sv', 'zh'];

/** As ArangoDB brings them along. */
const ANALYZERS: readonly ValueObject[] = [
  { name: 'identity', type: 'identity', properties: {}, features: ['frequency', 'norm'] },
  ...LANGUAGES.map((locale) => ({
    name: `text_${locale}`,
    type: 'text',
    properties: { locale, case: 'lower', stopwords: [], accent: false, stemming: true },
    features: FEATURES,
  })),
];

export const searchApi: readonly Route[] = [
  get('/_api/analyzer', 'read', () => answerResult(ANALYZERS)),

  get('/_api/analyzer/:name', 'read', ({ params }) => {
    const found = ANALYZERS.find(({ name }) => name === params.name);
    if (found === undefined) throw unknownAnalyzer(params.name);
    return answerOk(found);
  }),

  post('/_api/analyzer', 'write', () => {
    throw new ArangoError('ERROR_NOT_IMPLEMENTED', {
      message: 'analyzers of users are not implemented: those that come along can be used',
    });
  }),

  del('/_api/analyzer/:name', 'write', ({ params }) => {
    if (ANALYZERS.some(({ name }) => name === params.name))
      throw new ArangoError('ERROR_FORBIDDEN', { message: `the analyzer '${params.name}' cannot be removed` });
    throw unknownAnalyzer(params.name);
  }),

  get('/_api/view', 'read', () => answerResult([])),

  post('/_api/view', 'write', () => {
    throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: 'views are not implemented: use indexes and FILTER in the place of SEARCH' });
  }),

  get('/_api/view/:view', 'read', unknownView),
  get('/_api/view/:view/properties', 'read', unknownView),
  put('/_api/view/:view/properties', 'write', unknownView),
  patch('/_api/view/:view/properties', 'write', unknownView),
  put('/_api/view/:view/rename', 'write', unknownView),
  del('/_api/view/:view', 'write', unknownView),
];

function unknownAnalyzer(name: string): ArangoError {
  return new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND', { message: `unable to find analyzer '${name}'` });
}

function unknownView({ params }: ApiRequest<'view'>): HttpAnswer {
  throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', { message: `view not found: ${params.view}` });
}
