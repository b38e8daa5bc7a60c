declare module '@arangodb/locals' {
  import type { ArangoCollection, Untyped } from '@arangodb';
  import type { Endpoint, Handler, Middleware, Request, Response, Router } from '@arangodb/foxx/router';

  /** `module.context`: what a service knows of itself. */
  interface Context<Configuration extends object = Record<string, Untyped>, Dependencies extends object = Record<string, Untyped>> {
    /** Of a script or a job. */
    readonly argv: readonly Untyped[];
    readonly service: Untyped;
    readonly basePath: string;
    readonly baseUrl: string;
    readonly collectionPrefix: string;
    readonly configuration: Configuration;
    readonly dependencies: Dependencies;
    readonly isDevelopment: boolean;
    readonly isProduction: boolean;
    readonly manifest: Readonly<Record<string, Untyped>>;
    readonly mount: string;
    trustProxy: boolean;
    use(path: string, router: Router, name?: string): Endpoint;
    use(path: string, middleware: Middleware | { readonly register: (endpoint: Untyped) => Middleware }, name?: string): Endpoint;
    use(router: Router, name?: string): Endpoint;
    use(middleware: Middleware | { readonly register: (endpoint: Untyped) => Middleware }): Endpoint;
    reverse(name: string, params?: Readonly<Record<string, unknown>>, suffix?: string): string;
    registerType(
      type: string | RegExp | ((indicated: string) => boolean),
      handlers: {
        readonly fromClient?: (body: Untyped, req: Request, type: object) => unknown;
        readonly forClient?: (body: Untyped) => unknown;
      },
    ): void;
    fileName(name: string): string;
    file(name: string): Buffer;
    file(name: string, encoding: BufferEncoding): string;
    collectionName(name: string): string;
    /** `null`: there is none. */
    collection<T extends object = Record<string, Untyped>>(name: string): ArangoCollection<T> | null;
    apiDocumentation(options?: object): Handler;
    createDocumentationRouter(options?: string | object | ((req: Request, res: Response) => unknown)): Router;
    toJSON(): object;
  }
  const context: Context;
}

declare module '@arangodb/foxx/router' {
  import type { Database, Untyped } from '@arangodb';
  import type { Context } from '@arangodb/locals';

  namespace createRouter {
    /** What validates a value: joi's schemas, and whatever else has such a function. */
    interface Schema {
      validate(value: Untyped, ...others: Untyped[]): { readonly error?: Untyped; readonly value?: Untyped };
    }
    interface Model {
      readonly schema?: Schema | Readonly<Record<string, Schema>>;
      readonly forClient?: (value: Untyped) => unknown;
      readonly fromClient?: (value: Untyped) => unknown;
    }
    type ModelOrSchema = Model | Schema | Readonly<Record<string, Schema>>;

    interface Request<Body = Untyped, PathParams = Record<string, Untyped>, QueryParams = Record<string, Untyped>> {
      readonly context: Context;
      readonly headers: Record<string, string>;
      readonly method: string;
      readonly url: string;
      readonly originalUrl: string;
      readonly secure: boolean;
      readonly xhr: boolean;
      readonly path: string;
      readonly suffix: string;
      readonly baseUrl: string;
      readonly database: string;
      readonly protocol: 'http' | 'https';
      readonly hostname: string;
      readonly port: number;
      readonly remoteAddress: string;
      readonly remoteAddresses: readonly string[];
      readonly remotePort: number;
      readonly trustProxy: boolean;
      /** Did somebody log in, or is nobody asked to? */
      readonly authorized: boolean;
      /** The user of the database who logged in. */
      readonly arangoUser: string | null;
      readonly arangoVersion: number;
      readonly auth: { readonly bearer?: string; readonly basic?: { readonly username?: string; readonly password?: string } } | undefined;
      body: Body;
      readonly rawBody: Buffer;
      readonly pathParams: PathParams;
      readonly queryParams: QueryParams;
      /** Set by the sessions middleware. */
      session?: Untyped;
      sessionStorage?: Untyped;
      readonly _raw: Untyped;
      accepts(...types: readonly (string | readonly string[])[]): string | readonly string[] | false;
      acceptsCharsets(...charsets: readonly (string | readonly string[])[]): string | readonly string[] | false;
      acceptsEncodings(...encodings: readonly (string | readonly string[])[]): string | readonly string[] | false;
      acceptsLanguages(...languages: readonly (string | readonly string[])[]): string | readonly string[] | false;
      cookie(name: string, options?: string | { readonly secret?: string; readonly algorithm?: string }): string | null;
      get(name: string): string | undefined;
      header(name: string): string | undefined;
      is(...types: readonly (string | readonly string[])[]): string | false;
      json(): Untyped;
      makeAbsolute(path: string, query?: string | object): string;
      param(name: string): Untyped;
      range(size?: number): Untyped;
      reverse(name: string, params?: Readonly<Record<string, unknown>>, suffix?: string): string;
      toJSON(): object;
      /** What a middleware adds. */
      [added: string]: Untyped;
    }

    interface CookieOptions {
      readonly ttl?: number;
      readonly algorithm?: string;
      readonly secret?: string;
      readonly path?: string;
      readonly domain?: string;
      readonly secure?: boolean;
      readonly httpOnly?: boolean;
      readonly sameSite?: 'strict' | 'lax' | 'none';
    }

    interface Response {
      readonly context: Context;
      statusCode: number | undefined;
      headers: Record<string, string | undefined>;
      body: string | Buffer | undefined;
      readonly _raw: Untyped;
      attachment(fileName?: string): this;
      cookie(name: string, value: string, options?: string | number | CookieOptions): this;
      download(path: string, fileName?: string): this;
      getHeader(name: string): string | undefined;
      removeHeader(name: string): this;
      setHeader(name: string, value: string): this;
      json(value: unknown, pretty?: boolean): this;
      redirect(status: number | 'permanent' | 'temporary', location: string): this;
      redirect(location: string): this;
      send(value: unknown, type?: string): this;
      sendFile(path: string, options?: { readonly lastModified?: boolean }): this;
      sendStatus(status: number | string): this;
      set(name: string, value: string): this;
      set(headers: Readonly<Record<string, string>>): this;
      status(status: number | string): this;
      throw(status: number | string, error: Error): never;
      throw(status: number | string, message?: string, options?: { readonly cause?: unknown; readonly extra?: object } | Error): never;
      type(type?: string): string;
      vary(...names: readonly (string | readonly string[])[]): this;
      write(data: string | Buffer | object): this;
      toJSON(): object;
      /** What a middleware adds. */
      [added: string]: Untyped;
    }

    /** With asynchronous handlers behind it, a promise to wait for. */
    type Next = (error?: unknown) => Promise<void> | undefined;
    type Handler = (req: Request, res: Response) => unknown;
    type Middleware = (req: Request, res: Response, next: Next) => unknown;
    type AnyHandler = Handler | Middleware | string | ((...values: Untyped[]) => unknown);

    interface Endpoint {
      header(name: string, schema: Schema, description?: string): this;
      header(name: string, description?: string): this;
      pathParam(name: string, schema: Schema, description?: string): this;
      pathParam(name: string, description?: string): this;
      queryParam(name: string, schema: Schema, description?: string): this;
      queryParam(name: string, description?: string): this;
      body(model: ModelOrSchema | readonly [ModelOrSchema], types?: readonly string[] | string, description?: string): this;
      body(model: ModelOrSchema | readonly [ModelOrSchema], description?: string): this;
      body(types: readonly string[], description?: string): this;
      body(nothing: null): this;
      response(
        status: number | string,
        model: ModelOrSchema | readonly [ModelOrSchema],
        types?: readonly string[] | string,
        description?: string,
      ): this;
      response(status: number | string, model: ModelOrSchema | readonly [ModelOrSchema] | null, description?: string): this;
      response(status: number | string, types: readonly string[], description?: string): this;
      response(status: number | string, description?: string): this;
      response(model: ModelOrSchema | readonly [ModelOrSchema], types?: readonly string[] | string, description?: string): this;
      response(types: readonly string[], description?: string): this;
      error(status: number | string, description?: string): this;
      summary(text: string): this;
      description(text: string): this;
      tag(...tags: readonly string[]): this;
      deprecated(isDeprecated?: boolean): this;
      securityScheme(type: string, options?: object | string, description?: string): this;
      security(id: string, isEnabled: boolean): this;
      securityScope(id: string, ...scopes: readonly string[]): this;
    }

    interface Router extends Endpoint {
      readonly isFoxxRouter: true;
      use(path: string, router: Router | Middleware | { readonly register: (endpoint: Untyped) => Middleware }, name?: string): Endpoint;
      use(router: Router | Middleware | { readonly register: (endpoint: Untyped) => Middleware }, name?: string): Endpoint;
      all(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      all(...handlers: readonly AnyHandler[]): Endpoint;
      delete(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      delete(...handlers: readonly AnyHandler[]): Endpoint;
      get(path: string, handler: Handler, name?: string): Endpoint;
      get(handler: Handler, name?: string): Endpoint;
      get(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      get(...handlers: readonly AnyHandler[]): Endpoint;
      head(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      head(...handlers: readonly AnyHandler[]): Endpoint;
      options(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      options(...handlers: readonly AnyHandler[]): Endpoint;
      patch(path: string, handler: Handler, name?: string): Endpoint;
      patch(handler: Handler, name?: string): Endpoint;
      patch(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      patch(...handlers: readonly AnyHandler[]): Endpoint;
      post(path: string, handler: Handler, name?: string): Endpoint;
      post(handler: Handler, name?: string): Endpoint;
      post(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      post(...handlers: readonly AnyHandler[]): Endpoint;
      put(path: string, handler: Handler, name?: string): Endpoint;
      put(handler: Handler, name?: string): Endpoint;
      put(path: string, ...handlers: readonly AnyHandler[]): Endpoint;
      put(...handlers: readonly AnyHandler[]): Endpoint;
    }
  }
  function createRouter(): createRouter.Router;
  export = createRouter;
}

declare module '@arangodb/foxx' {
  import type createRouterFunction from '@arangodb/foxx/router';
  import type { Untyped } from '@arangodb';
  import * as foxxQueues from '@arangodb/foxx/queues';

  const createRouter: typeof createRouterFunction;
  const queues: typeof foxxQueues;
  function getExports(mount: string): Untyped;
  function requireService(mount: string): Untyped;
  function toJSONSchema(id: string, model: createRouterFunction.ModelOrSchema): object;
}

declare module '@arangodb/foxx/queues' {
  import type { Untyped } from '@arangodb';

  interface JobOptions {
    readonly success?: ((result: Untyped, data: Untyped, job: Untyped) => void) | string;
    readonly failure?: ((error: Untyped, data: Untyped, job: Untyped) => void) | string;
    readonly delayUntil?: number | Date;
    readonly backOff?: number | ((failureCount: number) => number) | string;
    readonly maxFailures?: number;
    readonly repeatTimes?: number;
    readonly repeatUntil?: number | Date;
    readonly repeatDelay?: number;
    readonly schema?: object;
    readonly preprocess?: (data: Untyped) => unknown;
  }
  type ScriptReference = string | { readonly name: string; readonly mount: string; readonly [option: string]: unknown };

  interface Job<Data = Untyped> {
    readonly id: string;
    readonly queue: string;
    readonly status: 'pending' | 'progress' | 'complete' | 'failed';
    readonly type: { readonly name: string; readonly mount: string };
    readonly data: Data;
    readonly failures: readonly Untyped[];
    readonly runs: number;
    readonly runFailures: number;
    readonly created: number | Date;
    readonly modified: number | Date;
    readonly delayUntil: number | Date;
    readonly maxFailures: number;
    readonly repeatDelay: number;
    readonly repeatTimes: number;
    readonly repeatUntil: number | Date;
    abort(): void;
    reset(): void;
  }

  interface Queue {
    push(script: ScriptReference, data?: unknown, options?: JobOptions): string;
    get<Data = Untyped>(id: string): Job<Data>;
    delete(id: string): boolean;
    pending(script?: ScriptReference): string[];
    progress(script?: ScriptReference): string[];
    complete(script?: ScriptReference): string[];
    failed(script?: ScriptReference): string[];
    all(script?: ScriptReference): string[];
  }
  function create(name: string, maxWorkers?: number): Queue;
  function get(name: string): Queue;
  function _delete(name: string): boolean;
  export { create, get, _delete as delete, Job, JobOptions, Queue, ScriptReference };
}

declare module '@arangodb/foxx/sessions' {
  import type { Untyped } from '@arangodb';
  import type { Middleware } from '@arangodb/foxx/router';

  namespace sessionsMiddleware {
    interface Session<Data = Untyped> {
      uid: string | null;
      created: number;
      data: Data;
      readonly [other: string]: Untyped;
    }
    interface Storage {
      readonly new?: () => Untyped;
      readonly save?: (session: Untyped) => Untyped;
      readonly clear?: (session: Untyped) => boolean;
      readonly fromClient?: (id: string) => Untyped;
      readonly forClient?: (session: Untyped) => string | null;
      readonly prune?: () => readonly string[];
    }
    interface Transport {
      readonly get?: (req: Untyped) => string | null | undefined;
      readonly set?: (res: Untyped, id: string) => void;
      readonly clear?: (res: Untyped) => void;
    }
    interface Options {
      readonly storage: Storage | string | Untyped;
      readonly transport: Transport | string | readonly (Transport | string)[];
      readonly autoCreate?: boolean;
    }
    interface Sessions {
      readonly storage: Storage;
      readonly transport: readonly Transport[];
      register(endpoint: Untyped): Middleware;
    }
  }
  function sessionsMiddleware(options: sessionsMiddleware.Options): sessionsMiddleware.Sessions;
  export = sessionsMiddleware;
}

declare module '@arangodb/foxx/sessions/storages/collection' {
  import type { ArangoCollection, Untyped } from '@arangodb';
  import type { Storage } from '@arangodb/foxx/sessions';

  interface CollectionStorageOptions {
    readonly collection: string | ArangoCollection<Untyped>;
    readonly ttl?: number;
    readonly pruneExpired?: boolean;
    readonly autoUpdate?: boolean;
  }
  function collectionStorage(options: string | ArangoCollection<Untyped> | CollectionStorageOptions): Required<Storage>;
  export = collectionStorage;
}

declare module '@arangodb/foxx/sessions/storages/jwt' {
  import type { Storage } from '@arangodb/foxx/sessions';

  interface JwtStorageOptions {
    readonly algorithm?: string;
    readonly secret?: string;
    readonly ttl?: number;
    readonly verify?: boolean;
    readonly maxVal?: number;
  }
  function jwtStorage(options: string | JwtStorageOptions): Storage;
  export = jwtStorage;
}

declare module '@arangodb/foxx/sessions/transports/cookie' {
  import type { CookieOptions } from '@arangodb/foxx/router';
  import type { Transport } from '@arangodb/foxx/sessions';

  function cookieTransport(options?: string | (CookieOptions & { readonly name?: string })): Transport;
  export = cookieTransport;
}

declare module '@arangodb/foxx/sessions/transports/header' {
  import type { Transport } from '@arangodb/foxx/sessions';

  function headerTransport(options?: string | { readonly name?: string }): Transport;
  export = headerTransport;
}

declare module '@arangodb/foxx/auth' {
  interface AuthOptions {
    readonly method?: 'sha1' | 'sha256' | 'sha512' | 'md5' | 'pbkdf2' | string;
    readonly saltLength?: number;
    readonly workFactor?: number;
  }
  interface AuthData {
    readonly method: string;
    readonly salt: string;
    readonly hash: string;
    readonly iter?: number;
  }
  function createAuth(options?: AuthOptions): {
    create(password: string): AuthData;
    verify(auth: AuthData | Record<string, never> | undefined, password: string): boolean;
  };
  export = createAuth;
}

declare module '@arangodb/foxx/oauth1' {
  import type { Untyped } from '@arangodb';
  import type { Request } from '@arangodb/foxx/router';

  interface OAuth1Options {
    readonly requestTokenEndpoint: string;
    readonly authEndpoint: string;
    readonly accessTokenEndpoint: string;
    readonly activeUserEndpoint?: string;
    readonly clientId: string;
    readonly clientSecret: string;
    readonly signatureMethod?: string;
  }
  function createOAuth1Client(options: OAuth1Options): {
    fetchRequestToken(callbackUrl: string, options?: object): Untyped;
    getAuthUrl(token: string, options?: object): string;
    exchangeRequestToken(token: string, verifier: string, options?: object): Untyped;
    fetchActiveUser(token: string, secret: string, options?: object): Untyped;
    createSignedRequest(method: string, url: string, parameters: string | object | null, token: string, secret: string): Untyped;
    readonly [other: string]: Untyped;
  };
  export = createOAuth1Client;
}

declare module '@arangodb/foxx/oauth2' {
  import type { Untyped } from '@arangodb';

  interface OAuth2Options {
    readonly authEndpoint: string;
    readonly tokenEndpoint: string;
    readonly refreshEndpoint?: string;
    readonly activeUserEndpoint?: string;
    readonly clientId: string;
    readonly clientSecret: string;
  }
  function createOAuth2Client(options: OAuth2Options): {
    getAuthUrl(redirectUri: string, options?: object): string;
    exchangeGrantToken(code: string, redirectUri: string, options?: object): Untyped;
    refreshAccessToken(refreshToken: string, options?: object): Untyped;
    fetchActiveUser(token: string): Untyped;
    readonly [other: string]: Untyped;
  };
  export = createOAuth2Client;
}

declare module '@arangodb/foxx/graphql' {
  import type { Untyped } from '@arangodb';
  import type { Router } from '@arangodb/foxx/router';

  interface GraphQLOptions {
    readonly schema: Untyped;
    readonly context?: Untyped;
    readonly rootValue?: Untyped;
    readonly pretty?: boolean;
    readonly formatError?: (error: Untyped) => unknown;
    readonly validationRules?: readonly Untyped[];
    readonly graphiql?: boolean;
    readonly graphql?: Untyped;
  }
  function createGraphQLRouter(options: GraphQLOptions | Untyped): Router;
  export = createGraphQLRouter;
}

declare module '@arangodb/foxx/manager' {
  import type { Untyped } from '@arangodb';

  function lookupService(mount: string): Untyped;
  function requireService(mount: string): Untyped;
  function installedServices(): readonly Untyped[];
  function runTests(mount: string, options?: object): Untyped;
}

declare module '@arangodb/foxx/mocha' {
  import type { Untyped } from '@arangodb';

  const reporters: Readonly<Record<string, Untyped>>;
  function run(service: Untyped, ...options: readonly Untyped[]): Untyped;
}
