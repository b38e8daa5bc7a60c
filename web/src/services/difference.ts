/** Which lines of one text are not in the other: the longest common part stays, what is left was removed or added. */

export interface DifferentLine {
  readonly sign: '-' | '+' | ' ';
  readonly text: string;
}

/** The table of common parts has a cell for each pair of lines. */
const MAX_LINES = 1000;

export function differenceOf(before: string, after: string): DifferentLine[] {
  const old = before.split('\n');
  const fresh = after.split('\n');
  if (old.length > MAX_LINES || fresh.length > MAX_LINES) return [...signed('-', old), ...signed('+', fresh)];

  // lengths[i][j]: how many lines the rests from i and from j have in common.
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  const common = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    const row = lengths[i];
    if (row === undefined) continue;
    for (let j = fresh.length - 1; j >= 0; j--) {
      row[j] = old[i] === fresh[j] ? common(i + 1, j + 1) + 1 : Math.max(common(i + 1, j), common(i, j + 1));
    }
  }

  const lines: DifferentLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < fresh.length) {
    if (old[i] === fresh[j]) {
      lines.push({ sign: ' ', text: old[i] ?? '' });
      i++;
      j++;
    } else if (common(i + 1, j) >= common(i, j + 1)) lines.push({ sign: '-', text: old[i++] ?? '' });
    else lines.push({ sign: '+', text: fresh[j++] ?? '' });
  }
  return [...lines, ...signed('-', old.slice(i)), ...signed('+', fresh.slice(j))];
}

function signed(sign: DifferentLine['sign'], texts: readonly string[]): DifferentLine[] {
  return texts.map((text) => ({ sign, text }));
}
