/** The GraphQL engine: documents become plans, requests become answers, mutations become events. */
import { randomUUID } from 'node:crypto';
import { limits } from '../base/limits.ts';
import type { WebAclRequest, WebAclVerdict } from '../base/ports.ts';
import { authorize, type Credentials } from './authorize/authorize.ts';
import type { LambdaVerdicts } from './authorize/lambda.ts';
import { createAnswerCache } from './cache.ts';
import { type AnswerError, createDocuments, type Parsed } from './documents.ts';
import { noEffects } from './effects.ts';
import { RequestError } from './errors.ts';
import { type Answer, executeOperation, operationOf, wireFields } from './execute.ts';
import type { Identity } from './identity.ts';
import { type ApiPlan, compileApi } from './plan.ts';
import type { GraphqlPorts } from './ports.ts';
import { createBatches } from './resolve/batches.ts';
import type { GraphqlRequest } from './resolve/request.ts';
import { SchemaFault } from './schema/build.ts';
import { unaliased } from './unalias.ts';

export interface OpenApi {
  readonly plan: ApiPlan;
  readonly parse: (text: string) => Parsed;
}

/** A request once its body was read. */
export interface Asked {
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly domainName: string | null;
  readonly requestId: string;
  readonly signal: AbortSignal;
}

export interface Told {
  readonly answer: Answer;
  readonly headers: Readonly<Record<string, string>>;
}

/** A mutation's result, for its subscribers. */
export interface MutationEvent {
  readonly apiId: string;
  readonly fieldName: string;
  readonly result: unknown;
  /** Fields the mutation itself asked for: subscribers get no others. */
  readonly invalidations: readonly unknown[];
}

export interface GraphqlEngine {
  /** Undefined: there is no such API. Throws RequestError when it has no schema. */
  open(apiId: string): Promise<OpenApi | undefined>;
  /** Asks the web ACL in front of the API. Throws RequestError for what it keeps out. */
  inspect(api: OpenApi, request: WebAclRequest): Promise<void>;
  authorize(api: OpenApi, credentials: Credentials): Promise<Identity>;
  run(api: OpenApi, identity: Identity, asked: Asked, rootValue?: unknown): Promise<Told>;
  newRequest(api: OpenApi, identity: Identity, asked: Asked): GraphqlRequest;
  /** The document is asked for again at the next request. */
  changed(apiId: string): void;
  flushCache(apiId: string): void;
  onMutation(listener: (event: MutationEvent) => void): void;
}

export function createGraphqlEngine(ports: GraphqlPorts): GraphqlEngine {
  const open = new Map<string, Promise<OpenApi | undefined>>();
  const cache = createAnswerCache(ports.now);
  const lambdaVerdicts: LambdaVerdicts = new Map();
  const listeners: ((event: MutationEvent) => void)[] = [];

  async function load(apiId: string): Promise<OpenApi | undefined> {
    const document = await ports.loadApi(apiId);
    if (document === undefined) return undefined;
    if (document.schema === undefined)
      throw new RequestError(502, 'GraphQLSchemaException', 'The GraphQL schema has not been created yet.');
    try {
      const plan = await compileApi(document);
      wireFields(plan);
      return { plan, parse: createDocuments(plan.schema, document) };
    } catch (thrown) {
      if (!(thrown instanceof SchemaFault)) throw thrown;
      throw new RequestError(502, 'GraphQLSchemaException', thrown.message);
    }
  }

  const engine: GraphqlEngine = {
    open(apiId) {
      let api = open.get(apiId);
      if (api === undefined) {
        api = load(apiId);
        open.set(apiId, api);
        // What does not load is tried again at the next request.
        api.then(
          (loaded) => loaded === undefined && open.delete(apiId),
          () => open.delete(apiId),
        );
      }
      return api;
    },
    async inspect({ plan }, request) {
      const { scope, arn } = plan.document;
      const verdict = await ports.inspect(scope, arn, request);
      if (verdict?.action === 'BLOCK') throw blocked(verdict);
    },
    authorize: ({ plan }, credentials) => authorize(plan, { ...ports, lambdaVerdicts }, credentials),
    newRequest: ({ plan }, identity, asked) => ({
      plan,
      ports,
      identity,
      headers: asked.headers,
      domainName: asked.domainName,
      variables: asked.variables,
      requestId: asked.requestId,
      signal: asked.signal,
      cache,
      batches: createBatches(),
      effects: noEffects(),
      appended: [],
      count: 0,
      writeLog: logOf(plan, asked.requestId),
    }),
    async run(api, identity, asked, rootValue) {
      const { document, errors } = api.parse(asked.query);
      if (document === undefined) return { answer: { data: null, errors }, headers: {} };
      const operation = operationOf(document, asked.operationName);
      if (!operation) return { answer: refused(unknownOperation(asked.operationName)), headers: {} };
      const { plan } = api;
      const key = wholeKey(plan, identity, asked, operation.operation);
      const cached = key === undefined ? undefined : cache.get(plan.document.apiId, key);
      if (cached !== undefined) return { answer: cached.value as Answer, headers: {} }; // put below
      const request = engine.newRequest(api, identity, asked);
      const { variables, operationName } = asked;
      const answer = await withinTime(
        executeOperation(request, { document, operationName, variables, rootValue }),
      );
      if (operation.operation === 'mutation')
        publish(plan, unaliased(answer.data, document, operation.selectionSet), request);
      if (key !== undefined && answer.errors === undefined)
        cache.put(plan.document.apiId, key, answer, plan.document.cache?.ttlSeconds ?? 0);
      return { answer, headers: request.effects.responseHeaders };
    },
    changed(apiId) {
      const before = open.get(apiId);
      open.delete(apiId);
      // Requests that are under way end on the old plan.
      before
        ?.then((api) => setTimeout(() => api?.plan.dispose(), limits.appsyncRequestMs).unref())
        .catch(() => undefined);
    },
    flushCache: (apiId) => cache.evict(apiId),
    onMutation(listener) {
      listeners.push(listener);
    },
  };

  function publish(plan: ApiPlan, results: readonly [string, unknown][], request: GraphqlRequest): void {
    for (const [fieldName, result] of results)
      if (result !== null && result !== undefined)
        for (const listener of listeners)
          listener({
            apiId: plan.document.apiId,
            fieldName,
            result,
            invalidations: request.effects.invalidations,
          });
  }

  function logOf(plan: ApiPlan, requestId: string): (line: string) => void {
    const { logging, apiId, scope } = plan.document;
    if (logging === undefined || logging.level === 'NONE') return () => {};
    return (line) =>
      ports.writeLogEvents(scope, `/aws/appsync/apis/${apiId}`, requestId, [
        { timestamp: ports.now(), message: `${requestId} ${line}` },
      ]);
  }
  return engine;
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/WAF-Integration.html: 403, or what the rule answers. */
function blocked({ response }: Extract<WebAclVerdict, { action: 'BLOCK' }>): RequestError {
  if (response === undefined) return new RequestError(403, 'WAFForbiddenException', '403 Forbidden');
  const headers: Record<string, string> = {};
  for (let at = 0; at < response.headers.length; at += 2)
    headers[response.headers[at] ?? ''] = response.headers[at + 1] ?? '';
  if (response.contentType !== undefined) headers['Content-Type'] = response.contentType;
  return new RequestError(response.status, 'WAFForbiddenException', 'Forbidden', {
    headers,
    body: response.body,
  });
}

function wholeKey({ document }: ApiPlan, identity: Identity, asked: Asked, kind: string): string | undefined {
  const behavior = document.cache?.behavior;
  if (kind !== 'query' || (behavior !== 'FULL_REQUEST_CACHING' && behavior !== 'OPERATION_LEVEL_CACHING'))
    return undefined;
  return `request/${identity.key}/${asked.operationName ?? ''}/${JSON.stringify(asked.variables)}/${asked.query}`;
}

async function withinTime(work: Promise<Answer>): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(
      () => resolve(refused({ message: 'Execution timed out.', errorType: 'ExecutionTimeout' })),
      limits.appsyncRequestMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const refused = ({ message, errorType }: { message: string; errorType: string }): Answer => ({
  data: null,
  errors: [
    { path: null, data: null, errorType, errorInfo: null, locations: null, message } satisfies AnswerError,
  ],
});

const unknownOperation = (name: string | undefined) =>
  name === undefined
    ? {
        message: 'Must provide operation name if query contains multiple operations.',
        errorType: 'BadRequestException',
      }
    : { message: `Unknown operation named '${name}'.`, errorType: 'BadRequestException' };

export const newRequestId = (): string => randomUUID();
