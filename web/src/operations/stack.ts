/** Stacks as those read them who wrote the service: its own lines, without those of the server. */

/** Frames of the server are URLs, those of services are paths. */
const FRAME_OF_SERVER = /^\s+at .*\b(file:\/\/|node:)/;

export function withoutServerFrames(text: string): string {
  return text
    .split('\n')
    .filter((line) => !FRAME_OF_SERVER.test(line))
    .join('\n');
}
