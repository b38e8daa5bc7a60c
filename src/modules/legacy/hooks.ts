/** What runs around the routes of a legacy service, and what adds it: a controller, as sessions and authentication see one. */
import type { LegacyContext } from './context.ts';
import type { LegacyRequest } from './request.ts';
import type { LegacyResponse } from './response.ts';
import type { LegacyRoute, RouteHandler } from './route.ts';
import type { UrlPattern } from './routing.ts';

export type Next = () => void;
export type HookFunction = (req: LegacyRequest, res: LegacyResponse, options: object) => unknown;
export type AroundFunction = (req: LegacyRequest, res: LegacyResponse, options: object, next: Next) => unknown;

export interface Hook {
  readonly pattern: UrlPattern;
  readonly priority: number;
  readonly run: (req: LegacyRequest, res: LegacyResponse, next: Next) => void;
}

/** Methods of routes, kept for routes that are defined later. */
export type RouteChain = Record<string, (...values: unknown[]) => RouteChain>;

export interface RouteDefiner {
  readonly applicationContext: LegacyContext;
  readonly allRoutes: RouteChain;
  before(hook: HookFunction): void;
  after(hook: HookFunction): void;
  get(path: string, handler: RouteHandler): LegacyRoute;
  post(path: string, handler: RouteHandler): LegacyRoute;
  put(path: string, handler: RouteHandler): LegacyRoute;
  patch(path: string, handler: RouteHandler): LegacyRoute;
  delete(path: string, handler: RouteHandler): LegacyRoute;
}
