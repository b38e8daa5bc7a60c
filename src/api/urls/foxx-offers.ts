/**
 * `/_api/foxx/templates` and `/_api/foxx/store`: what can be installed without having anything. foxden's own. `POST /_api/foxx` and its like take
 * a template or a name in the store in the place of a source.
 */
import { ArangoError } from '#base';
import { bundleOfTemplate, TEMPLATES, type FoxxStore } from '#services';
import type { ValueObject } from '#values';
import { answerJson } from '../respond.ts';
import { get, post, type ApiContext, type Route } from '../routes.ts';

export const foxxOffersApi: readonly Route[] = [
  get('/_api/foxx/templates', 'read', () => answerJson(200, { templates: TEMPLATES })),

  /** The bundle, for whoever wants to work on it first. */
  post('/_api/foxx/templates/:name', 'read', (request) => ({
    status: 200,
    headers: { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="service.zip"' },
    body: bundleOfTemplate(request.params.name, request.jsonObject()),
  })),

  get('/_api/foxx/store', 'manage', async ({ context: { store }, query }) =>
    answerJson(200, {
      isConfigured: store !== undefined,
      services: store === undefined ? [] : await store.list({ isFresh: query.flag('refresh') }),
    }),
  ),
];

/** `{template, values}` or `{store: {name, version}}`; undefined for a body that has neither. */
export function findOffered({ store }: ApiContext, { template, values, store: wanted }: ValueObject): Promise<Uint8Array> | undefined {
  if (template !== undefined) {
    if (typeof template !== 'string') throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', '"template" must be the name of a template');
    return Promise.resolve(bundleOfTemplate(template, objectOf('values', values ?? {})));
  }
  if (wanted === undefined) return undefined;
  const { name, version } = objectOf('store', wanted);
  if (typeof name !== 'string' || (version !== undefined && typeof version !== 'string'))
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', '"store" must have the "name" of a service, and may have its "version"');
  return bundleOf(store, name, version);
}

function bundleOf(store: FoxxStore | undefined, name: string, version: string | undefined): Promise<Uint8Array> {
  if (store === undefined)
    throw new ArangoError('ERROR_SERVICE_SOURCE_NOT_FOUND', 'there is no store: --foxx.store-location is where one may be');
  return store.bundle(name, version);
}

function objectOf(name: string, value: unknown): ValueObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as ValueObject;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `"${name}" must be an object`);
}
