/** `require('org/arangodb/foxx/template_middleware')`: `res.render` with templates that are documents of a collection. */
import { loadPackage } from '../loader/bundled.ts';
import type { ArangoCollection } from '../arangodb/collection.ts';
import type { Db } from '../arangodb/db.ts';
import type { LegacyRequest } from './request.ts';
import type { LegacyResponse } from './response.ts';

interface Template {
  readonly content: string;
  readonly contentType: string;
  readonly templateLanguage: string;
}

/** A hook for `controller.before`. `helper` are functions that templates may use. */
export function createTemplateMiddleware(db: Db): unknown {
  return function TemplateMiddleware(given: string | ArangoCollection, helper: object = {}) {
    const templates = typeof given === 'string' ? (db._collection(given) ?? db._create(given)) : given;
    return (_: LegacyRequest, response: LegacyResponse): void => {
      Object.assign(response, {
        render: (path: string, data: object = {}): void => {
          const template = templates.firstExample({ path }) as unknown as Template | null;
          if (template === null) throw new Error(`Template '${path}' does not exist`);
          if (template.templateLanguage !== 'underscore') throw new Error(`Unknown template language '${template.templateLanguage}'`);
          const underscore = loadPackage('underscore') as { template(text: string): (data: object) => string };
          response.body = underscore.template(template.content)({ ...helper, ...data });
          response.contentType = template.contentType;
        },
      });
    };
  };
}
