/** The version of ArangoDB whose behaviour foxden has, which services and drivers ask for. */
export const SERVER_VERSION = '3.12.5';

const [major = 0, minor = 0, patch = 0] = SERVER_VERSION.split('.').map(Number);

/** As `x-arango-version` and `req.arangoVersion` have it. */
export const SERVER_VERSION_NUMBER = major * 10_000 + minor * 100 + patch;
