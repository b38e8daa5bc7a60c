/** /_api/view: views need ArangoSearch, which foxden has not. Making one says so, and there are none to be found. */
import { ArangoError, type HttpAnswer } from '#base';
import { viewsMissing } from '#database';
import { answerResult } from '../respond.ts';
import { del, get, patch, post, put, type ApiRequest, type Route } from '../routes.ts';

export const viewApi: readonly Route[] = [
  get('/_api/view', 'read', () => answerResult([])),

  post('/_api/view', 'write', () => {
    throw viewsMissing();
  }),

  get('/_api/view/:view', 'read', unknownView),
  get('/_api/view/:view/properties', 'read', unknownView),
  put('/_api/view/:view/properties', 'write', unknownView),
  patch('/_api/view/:view/properties', 'write', unknownView),
  put('/_api/view/:view/rename', 'write', unknownView),
  del('/_api/view/:view', 'write', unknownView),
];

function unknownView({ params }: ApiRequest<'view'>): HttpAnswer {
  throw new ArangoError('ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', { message: `view not found: ${params.view}` });
}
