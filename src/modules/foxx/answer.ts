/** A loaded service's answer to a request: static files first, then its routes; errors become answers here and are logged once. */
import { inspect } from 'node:util';
import type { HttpAnswer } from '#base';
import type { ServiceRequest } from '../service.ts';
import { answerError, declaredStatus, findCodeFrame } from './answers.ts';
import { dispatch } from './dispatch.ts';
import type { StaticFiles } from './files.ts';
import type { FoxxContext } from './context.ts';
import { FoxxRequest, type Reverse } from './request.ts';
import { FoxxResponse } from './response.ts';
import { reverse } from './reverse.ts';

export function answerRequest(
  context: FoxxContext,
  files: StaticFiles | undefined,
  incoming: ServiceRequest,
): HttpAnswer | Promise<HttpAnswer> | undefined {
  try {
    const file = files?.answer(incoming);
    if (file !== undefined) return file;
    const match = context.service.tree.match(incoming.http.method, incoming.path);
    if (match === undefined) return files?.answerUnrouted(incoming);
    const req = new FoxxRequest(incoming, context, reverseFrom);
    const res = new FoxxResponse(context);
    const pending = dispatch(match, req, res);
    if (pending === undefined) return finish(context, incoming, res);
    return pending.then(
      () => finish(context, incoming, res),
      (error: unknown) => fail(context, incoming, error),
    );
  } catch (error) {
    return fail(context, incoming, error);
  }
}

/** Reverse routing starts at the routers of the chain up to where the request is. */
const reverseFrom: Reverse = ({ match, step }, name, params, suffix) => {
  const { steps } = match.candidate;
  return reverse(steps.slice(0, steps.indexOf(step) + 1), name, params, suffix);
};

function finish({ service }: FoxxContext, { http }: ServiceRequest, res: FoxxResponse): HttpAnswer {
  return res.toAnswer(http.headers['origin'], (message) => service.console.warn(`${http.method} ${http.url}: ${message}`));
}

function fail({ service }: FoxxContext, incoming: ServiceRequest, error: unknown): HttpAnswer {
  const answer = answerError(service, incoming, error);
  const status = declaredStatus(error);
  const level = status === undefined ? 'errorStack' : status >= 500 ? 'warnStack' : service.isDevelopment ? 'infoStack' : undefined;
  if (level === undefined) return answer;
  const { method, url } = incoming.http;
  const frame = service.isDevelopment ? findCodeFrame(error, service.basePath, { isColoured: false }) : undefined;
  const message = `Service "${service.mount}" encountered error ${answer.status} while handling ${method} ${url}`;
  service.console[level](error instanceof Error ? error : inspect(error), frame === undefined ? message : `${message}\n${frame}`);
  return frame === undefined ? answer : { ...answer, failure: { error, excerpt: frame } };
}
