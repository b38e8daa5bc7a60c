declare module '@arangodb/mocha' {
  import type { Untyped } from '@arangodb';

  const reporters: Readonly<Record<string, Untyped>>;
  function run(files: readonly string[] | Untyped, ...options: readonly Untyped[]): Untyped;
}

declare module '@arangodb/request' {
  import type { Untyped } from '@arangodb';

  namespace request {
    interface Options {
      readonly url?: string | object;
      readonly uri?: string | object;
      readonly method?: string;
      readonly qs?: string | object;
      readonly useQuerystring?: boolean;
      readonly headers?: Readonly<Record<string, unknown>>;
      readonly body?: unknown;
      readonly json?: boolean;
      readonly form?: string | object;
      readonly auth?: { readonly username?: string; readonly password?: string; readonly bearer?: string; readonly jwt?: string };
      readonly followRedirect?: boolean;
      readonly maxRedirects?: number;
      /** Seconds. */
      readonly timeout?: number;
      readonly returnBodyOnError?: boolean;
      readonly encoding?: BufferEncoding | null;
      readonly verifyCertificates?: boolean;
    }
    interface Response {
      readonly status: number;
      readonly statusCode: number;
      readonly message: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly rawBody: Buffer;
      readonly body: Untyped;
      readonly json: Untyped;
      /** For a status from 400 on. */
      throw(message?: string): void;
    }
    type Call = (url: string | Options, options?: Options) => Response;
  }
  const request: request.Call & {
    readonly request: request.Call;
    readonly Response: Function;
    readonly get: request.Call;
    readonly head: request.Call;
    readonly post: request.Call;
    readonly put: request.Call;
    readonly patch: request.Call;
    readonly delete: request.Call;
  };
  export = request;
}

declare module '@arangodb/crypto' {
  import type { Untyped } from '@arangodb';

  type JwtAlgorithm = 'HS256' | 'HS384' | 'HS512' | 'none';
  const jwtAlgorithms: Readonly<Record<string, Untyped>>;
  function checkAndMarkNonce(nonce: string): boolean;
  function constantEquals(left: string, right: string): boolean;
  function createNonce(): string;
  function genRandomAlphaNumbers(length: number): string;
  function genRandomBytes(length: number): Buffer;
  function genRandomNumbers(length: number): string;
  function genRandomSalt(length: number): string;
  function hmac(key: string, message: string, algorithm?: string): string;
  function hotpGenerate(key: string, counter: number, options?: object): string;
  function hotpVerify(token: string, key: string, counter: number, options?: object): Untyped;
  function jwtCanonicalAlgorithmName(name: string): string;
  function jwtDecode(secret: string | null, token: string, noVerify?: boolean): Untyped;
  function jwtEncode(secret: string | null, claims: object, algorithm?: JwtAlgorithm | string): string;
  function md5(text: string): string;
  function pbkdf2(salt: string, password: string, iterations: number, keyLength: number): string;
  function rand(): number;
  function sha1(text: string): string;
  function sha224(text: string): string;
  function sha256(text: string): string;
  function sha384(text: string): string;
  function sha512(text: string): string;
  function totpGenerate(key: string, options?: object): string;
  function totpVerify(token: string, key: string, options?: object): Untyped;
  function uuidv4(): string;
}

declare module '@arangodb/tasks' {
  import type { Untyped } from '@arangodb';

  interface Task {
    readonly id: string;
    readonly name: string;
    readonly type: 'timed' | 'periodic';
    readonly created: number;
    readonly offset: number;
    readonly period?: number;
    readonly command: string;
    readonly database: string;
  }
  interface TaskDefinition<Params = Untyped> {
    readonly id?: string;
    readonly name?: string;
    readonly period?: number;
    readonly offset?: number;
    readonly command: string | ((params: Params) => void);
    readonly params?: Params;
  }
  function register<Params = Untyped>(definition: TaskDefinition<Params>): Task;
  function unregister(id: string | { readonly id: string }): unknown;
  function get(): Task[];
  function get(id: string): Task;
  function createNewId(): string;
}

declare module '@arangodb/users' {
  interface User {
    readonly user: string;
    readonly active: boolean;
    readonly extra: Readonly<Record<string, unknown>>;
  }
  type AccessLevel = 'rw' | 'ro' | 'none';
  function save(user: string, password?: string, active?: boolean, extra?: object): User;
  function replace(user: string, password?: string, active?: boolean, extra?: object): User;
  function update(user: string, password?: string, active?: boolean, extra?: object): User;
  function remove(user: string): void;
  function document(user: string): User;
  function all(): readonly User[];
  function exists(user: string): boolean;
  function isValid(user: string, password: string): boolean;
  function reload(): void;
  function grantDatabase(user: string, database: string, level?: AccessLevel): void;
  function revokeDatabase(user: string, database: string): void;
  function grantCollection(user: string, database: string, collection: string, level?: AccessLevel): void;
  function revokeCollection(user: string, database: string, collection: string): void;
  function permission(user: string): Readonly<Record<string, AccessLevel>>;
  function permission(user: string, database: string, collection?: string): AccessLevel;
}

declare module '@arangodb/util' {
  import type { Untyped } from '@arangodb';

  function drain<T>(generator: Iterable<T>): T[];
  function indentation(text: string): number;
  function inline(strings: TemplateStringsArray, ...values: readonly unknown[]): string;
  function pluck(values: Untyped, ...names: readonly Untyped[]): Untyped;
  function propertyKeys(value: object): string[];
  function shallowCopy<T extends object>(value: T): T;
  function union(...values: readonly Untyped[]): Untyped;
}

declare module '@arangodb/actions' {
  const HTTP_CONTINUE: 100;
  const HTTP_SWITCHING_PROTOCOLS: 101;
  const HTTP_PROCESSING: 102;
  const HTTP_EARLY_HINTS: 103;
  const HTTP_OK: 200;
  const HTTP_CREATED: 201;
  const HTTP_ACCEPTED: 202;
  const HTTP_NON_AUTHORITATIVE_INFORMATION: 203;
  const HTTP_NO_CONTENT: 204;
  const HTTP_RESET_CONTENT: 205;
  const HTTP_PARTIAL_CONTENT: 206;
  const HTTP_MULTI_STATUS: 207;
  const HTTP_ALREADY_REPORTED: 208;
  const HTTP_IM_USED: 226;
  const HTTP_MULTIPLE_CHOICES: 300;
  const HTTP_MOVED_PERMANENTLY: 301;
  const HTTP_FOUND: 302;
  const HTTP_SEE_OTHER: 303;
  const HTTP_NOT_MODIFIED: 304;
  const HTTP_USE_PROXY: 305;
  const HTTP_TEMPORARY_REDIRECT: 307;
  const HTTP_PERMANENT_REDIRECT: 308;
  const HTTP_BAD_REQUEST: 400;
  const HTTP_UNAUTHORIZED: 401;
  const HTTP_PAYMENT_REQUIRED: 402;
  const HTTP_FORBIDDEN: 403;
  const HTTP_NOT_FOUND: 404;
  const HTTP_METHOD_NOT_ALLOWED: 405;
  const HTTP_NOT_ACCEPTABLE: 406;
  const HTTP_PROXY_AUTHENTICATION_REQUIRED: 407;
  const HTTP_REQUEST_TIMEOUT: 408;
  const HTTP_CONFLICT: 409;
  const HTTP_GONE: 410;
  const HTTP_LENGTH_REQUIRED: 411;
  const HTTP_PRECONDITION_FAILED: 412;
  const HTTP_PAYLOAD_TOO_LARGE: 413;
  const HTTP_URI_TOO_LONG: 414;
  const HTTP_UNSUPPORTED_MEDIA_TYPE: 415;
  const HTTP_RANGE_NOT_SATISFIABLE: 416;
  const HTTP_EXPECTATION_FAILED: 417;
  const HTTP_I_M_A_TEAPOT: 418;
  const HTTP_MISDIRECTED_REQUEST: 421;
  const HTTP_UNPROCESSABLE_ENTITY: 422;
  const HTTP_LOCKED: 423;
  const HTTP_FAILED_DEPENDENCY: 424;
  const HTTP_TOO_EARLY: 425;
  const HTTP_UPGRADE_REQUIRED: 426;
  const HTTP_PRECONDITION_REQUIRED: 428;
  const HTTP_TOO_MANY_REQUESTS: 429;
  const HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE: 431;
  const HTTP_UNAVAILABLE_FOR_LEGAL_REASONS: 451;
  const HTTP_INTERNAL_SERVER_ERROR: 500;
  const HTTP_NOT_IMPLEMENTED: 501;
  const HTTP_BAD_GATEWAY: 502;
  const HTTP_SERVICE_UNAVAILABLE: 503;
  const HTTP_GATEWAY_TIMEOUT: 504;
  const HTTP_HTTP_VERSION_NOT_SUPPORTED: 505;
  const HTTP_VARIANT_ALSO_NEGOTIATES: 506;
  const HTTP_INSUFFICIENT_STORAGE: 507;
  const HTTP_LOOP_DETECTED: 508;
  const HTTP_BANDWIDTH_LIMIT_EXCEEDED: 509;
  const HTTP_NOT_EXTENDED: 510;
  const HTTP_NETWORK_AUTHENTICATION_REQUIRED: 511;
  const HTTP_BAD: 400;
  const HTTP_SERVER_ERROR: 500;
  const HTTP_PRECONDITION: 412;
  const BODYFREE_METHODS: readonly string[];
  function arangoErrorToHttpCode(errorNum: number): number;
}
