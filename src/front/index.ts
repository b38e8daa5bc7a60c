/** The door of `front`. */
export { Front, type FrontOptions } from './front.ts';
