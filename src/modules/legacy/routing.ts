/**
 * Which route of a legacy service a request means, and what lies around it. Text in a path wins over parameters, parameters over the
 * rest of a path; a parameter may be restricted to digits, and then other paths are not the route's.
 */

type Segment = { readonly type: 'text'; readonly text: string } | { readonly type: 'parameter'; readonly name: string };

export interface UrlPattern {
  readonly segments: readonly Segment[];
  readonly hasRest: boolean;
}

export interface UrlMatch {
  readonly parameters: Readonly<Record<string, string>>;
  /** What a trailing `/*` stands for. */
  readonly rest: readonly string[];
}

const DIGITS = /^\d+$/;

export function parsePattern(...paths: readonly string[]): UrlPattern {
  const parts = paths.flatMap((path) => splitPath(path));
  const hasRest = parts.at(-1) === '*';
  const segments = (hasRest ? parts.slice(0, -1) : parts).map((part): Segment =>
    part.startsWith(':') ? { type: 'parameter', name: part.slice(1) } : { type: 'text', text: part },
  );
  return { segments, hasRest };
}

export function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** `path` is decoded. `digits` are the names of parameters that take nothing else. */
export function matchPattern(
  { segments, hasRest }: UrlPattern,
  path: readonly string[],
  digits?: ReadonlySet<string>,
): UrlMatch | undefined {
  if (path.length < segments.length || (path.length > segments.length && !hasRest)) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const given = path[index] as string;
    if (segment.type === 'text') {
      if (segment.text !== given) return undefined;
    } else {
      if (digits?.has(segment.name) && !DIGITS.test(given)) return undefined;
      parameters[segment.name] = given;
    }
  }
  return { parameters, rest: path.slice(segments.length) };
}

/** Negative when the first pattern is the more specific one. */
export function compareSpecificity(left: UrlPattern, right: UrlPattern): number {
  const length = Math.max(left.segments.length, right.segments.length);
  for (let index = 0; index < length; index++) {
    const difference = looseness(left, index) - looseness(right, index);
    if (difference !== 0) return difference;
  }
  return Number(left.hasRest) - Number(right.hasRest);
}

function looseness({ segments }: UrlPattern, index: number): number {
  const segment = segments[index];
  if (segment === undefined) return 2;
  return segment.type === 'text' ? 0 : 1;
}
