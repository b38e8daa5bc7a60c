/**
 * From the name of a route to its path below the mount. A dotted name leads through named routers; search begins in the innermost
 * router that the request went through, and each router's unnamed children are looked into as well.
 */
import { stringify as printQuery } from 'node:querystring';
import type { Endpoint } from './endpoint.ts';
import { Router, RouterMount, type Route } from './router.ts';
import type { PathValues, Step } from './tree.ts';

/** Throws when there is no such route, or a path parameter has no value. Values that the path does not need become the query. */
export function reverse(steps: readonly Step[], name: string, given?: PathValues | string, suffix?: string): string {
  const chain = findRoute(
    steps.map(({ definition }) => definition).filter((definition) => definition instanceof Router || definition instanceof RouterMount),
    name,
  );
  if (chain === undefined) throw new Error(`Route could not be resolved: "${name}"`);
  const tail = typeof given === 'string' ? given : suffix;
  const values: PathValues = typeof given === 'object' ? { ...given } : {};
  const parts = chain
    .flatMap(({ route }) => route.segments)
    .map((segment) => (segment.type === 'text' ? segment.text : encodeSegment(takeValue(values, segment.name))));
  const query = printQuery(values as Record<string, string>);
  return `/${parts.join('/')}${tail ? `/${tail.replace(/^\//, '')}` : ''}${query === '' ? '' : `?${query}`}`;
}

/** Encodes what would not be one segment of a path any more, and nothing that may stand there as it is. */
function encodeSegment(value: string): string {
  return encodeURIComponent(value).replaceAll(/%(?:3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
}

function takeValue(values: PathValues, name: string): string {
  if (!Object.hasOwn(values, name)) throw new Error(`Missing value for parameter "${name}"`);
  const value = values[name];
  if (!Array.isArray(value)) {
    delete values[name];
    return String(value);
  }
  const [first, ...others] = value as readonly unknown[];
  if (value.length === 0) throw new Error(`Not enough values for parameter "${name}"`);
  if (others.length === 0) delete values[name];
  else values[name] = others;
  return String(first);
}

function findRoute(routers: readonly (Router | RouterMount)[], name: string): Endpoint[] | undefined {
  const visited = new Set<Router>();
  for (let depth = routers.length; depth > 0; depth--) {
    const innermost = routers[depth - 1];
    if (innermost === undefined) continue;
    const found = search(innermost instanceof Router ? innermost : innermost.router, name.split('.'), visited);
    if (found !== undefined) return [...routers.slice(0, depth), ...found];
  }
  return undefined;
}

function search(router: Router, names: readonly string[], visited: Set<Router>): Endpoint[] | undefined {
  if (visited.has(router)) return undefined;
  visited.add(router);
  const [name = '', ...others] = names;
  const named = router.namedRoutes.get(name);
  if (named instanceof RouterMount) {
    const found = others.length === 0 ? undefined : search(named.router, others, visited);
    if (found !== undefined) return [named, ...found];
  } else if (named !== undefined && others.length === 0) {
    return [named];
  }
  for (const child of router.routes) {
    if (!isUnnamedMount(child)) continue;
    const found = search(child.router, names, visited);
    if (found !== undefined) return [child, ...found];
  }
  return undefined;
}

function isUnnamedMount(child: Route | RouterMount): child is RouterMount {
  return child instanceof RouterMount && child.name === undefined;
}
