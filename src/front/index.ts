/** The door of `front`. */
export { checkExposure, parseEndpoint, type Endpoint } from './endpoint.ts';
export { Front, type FrontOptions } from './front.ts';
export { parseInspectAddress } from './inspector.ts';
