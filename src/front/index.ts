/** The door of `front`. */
export { checkExposure, parseEndpoint, endpointUrl, type Endpoint } from './endpoint.ts';
export { Front, type FrontOptions } from './front.ts';
export { parseInspectAddress } from './inspector.ts';
