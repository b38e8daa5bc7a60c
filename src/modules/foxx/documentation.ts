/**
 * The router that shows a service's API documentation: `swagger.json`, and either the pages that the service brings (`swaggerRoot`) or
 * Swagger UI, which foxden has with it, so that nothing comes from elsewhere. Without scripts there is a list of the routes.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { isWithin } from '../loader/resolve.ts';
import { escapeHtml } from './answers.ts';
import type { FoxxService } from './foxx-service.ts';
import type { FoxxRequest } from './request.ts';
import type { FoxxResponse } from './response.ts';
import { Router, type Handler } from './router.ts';
import { swaggerOf } from './swagger.ts';

interface DocumentationSettings {
  /** The service that is shown; the one that shows it by default. */
  readonly mount?: string;
  readonly indexFile?: string;
  /** A folder with the pages. */
  readonly swaggerRoot?: string;
  /** Returns false to refuse, or settings for this request alone. */
  readonly before?: (req: FoxxRequest, res: FoxxResponse) => unknown;
}

export type DocumentationOptions = string | DocumentationSettings['before'] | DocumentationSettings;

export function createDocumentationRouter(
  service: FoxxService,
  given: DocumentationOptions = {},
): { readonly router: Router; readonly handler: Handler } {
  const options: DocumentationSettings =
    typeof given === 'function' ? { before: given } : typeof given === 'string' ? { swaggerRoot: given } : given;
  const handler = (req: FoxxRequest, res: FoxxResponse): void => {
    const decision = options.before?.(req, res);
    if (decision === false) return;
    const settings = { ...options, ...(typeof decision === 'object' ? decision : {}) } as DocumentationSettings;
    answer(service, settings, req, res);
  };
  const router = new Router();
  router.get('/*', handler).summary('API documentation');
  return { router, handler };
}

function answer(service: FoxxService, settings: DocumentationSettings, req: FoxxRequest, res: FoxxResponse): void {
  const { indexFile = 'index.html', swaggerRoot, mount } = settings;
  const name = req.suffix === '' ? indexFile : req.suffix;
  if (name === 'swagger.json') {
    res.json(mount === undefined || mount === service.mount ? swaggerOf(service) : documentationOf(service, mount));
  } else if (swaggerRoot !== undefined) {
    const root = isAbsolute(swaggerRoot) ? swaggerRoot : join(service.basePath, swaggerRoot);
    const path = normalize(join(root, name));
    if (!isWithin(normalize(root), path) || !existsSync(path)) res.throw(404, `unknown path "${name}"`);
    res.sendFile(path);
  } else if (name === indexFile) {
    res.type('text/html; charset=utf-8');
    res.body = showPage(service, req);
  } else if (name === INITIALIZER) {
    res.type('text/javascript; charset=utf-8');
    res.body = `window.onload = () => SwaggerUIBundle({ url: 'swagger.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });`;
  } else if (SWAGGER_UI_FILES.has(name)) {
    res.sendFile(join(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')), name));
  } else {
    res.throw(404, `unknown path "${name}"`);
  }
}

const INITIALIZER = 'swagger-initializer.js';
const SWAGGER_UI_FILES: ReadonlySet<string> = new Set([
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'favicon-32x32.png',
  'oauth2-redirect.html',
]);

function showPage(service: FoxxService, { originalUrl }: FoxxRequest): string {
  const title = escapeHtml(service.manifest.name ?? service.mount);
  // What the page needs lies below the router, also when its own address has no slash at the end.
  const last = /([^/?]*)(?:\?.*)?$/.exec(originalUrl)?.[1] ?? '';
  const base = last === '' || last.includes('.') ? './' : `${last}/`;
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${title}</title><base href="${escapeHtml(base)}">`,
    '<link rel="icon" type="image/png" href="favicon-32x32.png"><link rel="stylesheet" href="swagger-ui.css"></head>',
    `<body><div id="swagger-ui"></div><noscript><h1>${title}</h1>${listRoutes(swaggerOf(service))}</noscript>`,
    `<script src="swagger-ui-bundle.js"></script><script src="${INITIALIZER}"></script></body></html>`,
    '',
  ].join('\n');
}

function documentationOf({ host }: FoxxService, mount: string): unknown {
  return host.services?.documentation(mount) ?? { swagger: '2.0', paths: {} };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
  }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

function listRoutes(swagger: Record<string, unknown>): string {
  const paths = swagger['paths'] as Record<string, Record<string, Operation>>;
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => describeRoute(method, path, operation)),
  );
  return `<p>Machine-readable: <a href="swagger.json">swagger.json</a></p>${routes.join('')}`;
}

function describeRoute(method: string, path: string, { summary, description, deprecated, parameters, responses }: Operation): string {
  const title = `<h2><code>${method.toUpperCase()} ${escapeHtml(path)}</code>${deprecated ? ' (deprecated)' : ''}</h2>`;
  const texts = [summary, description].filter((text) => text !== undefined).map((text) => `<p>${escapeHtml(text)}</p>`);
  const inputs = parameters.map(
    (one) =>
      `<li><code>${escapeHtml(one.name)}</code> in ${one.in}${one.required ? ', required' : ''} ${escapeHtml(one.description ?? '')}</li>`,
  );
  const outputs = Object.entries(responses).map(([status, one]) => `<li><code>${status}</code> ${escapeHtml(one.description)}</li>`);
  return `${title}${texts.join('')}<ul>${inputs.join('')}</ul><ul>${outputs.join('')}</ul>`;
}
