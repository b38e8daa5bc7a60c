/** The version of ArangoDB whose interface this is: what clients and services are told, and what `engines` are compared with. */
export const ARANGODB_VERSION = '3.12.5';
