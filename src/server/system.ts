/** One assembled system over one store: services, engines and the ports between them. Made anew by a reset. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import type { Now } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { parseArn } from '../base/arn.ts';
import { reasonOf } from '../base/fault.ts';
import type { RandomBytes } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { AccessKey, FindAccessKey, Invoke, PrincipalPolicies, WriteLogEvents } from '../base/ports.ts';
import type { ResourceType } from '../base/resource-type.ts';
import { DEFAULT_ACCOUNT } from '../base/scope.ts';
import type { CallbackUrls } from '../base/stack-engine.ts';
import type { LambdaPorts } from '../aws/lambda/ports.ts';
import { createStackEngine } from '../deploy/engine.ts';
import { createFetchDocument } from './fetch-document.ts';
import { createFunctionUrls, type ServeFunctionUrl } from '../functions/url/serve.ts';
import { createFunctionRunner } from '../functions/runner.ts';
import type { ApiTarget } from '../gateway/target.ts';
import type { GatewayPorts } from '../gateway/ports.ts';
import type { Domain } from '../gateway/domains.ts';
import { createGateway } from '../gateway/serve.ts';
import type { LocalAuthority } from '../neighbours/acm/local-authority.ts';
import type { Explanation } from '../base/explanation.ts';
import type { ServerMetrics } from '../observe/server-metrics.ts';
import { createSampler } from '../neighbours/xray/sampler.ts';
import { otlpOptions } from '../observe/otlp-options.ts';
import { createGraphqlDoor, type GraphqlDoor } from './graphql-door.ts';
import { createGraphqlHttp } from './graphql-http.ts';
import { createVerifyToken } from './graphql-tokens.ts';
import { createWatch, type ExplainMode } from '../observe/watch.ts';
import { createAnswerCache } from '../store/shared/answer-cache.ts';
import type { Store } from '../store/store.ts';
import { createWire } from '../wire/server.ts';
import type { ServiceInstance, ServicePorts } from '../wire/service.ts';
import { createAuthenticate } from '../wire/sigv4/authenticate.ts';
import { createAuthorizeCall } from './access/authorize-call.ts';
import { createPathsOf } from './access/paths-of.ts';
import { createAuthorizeInvoke } from './authorize-invoke.ts';
import { createFindPrivateTarget } from './private-target.ts';
import { createConnectionDoor } from './connection-door.ts';
import { createCallAwsService } from './call-aws-service.ts';
import { createElsewhere } from './elsewhere.ts';
import { type FunctionSettings, readFunctionSettings } from './function-settings.ts';
import { invokeAs } from './invoke-as.ts';
import { createLateWork } from './late-work.ts';
import type { Lazy } from './lazily.ts';
import { findRootKey, type RootKey } from './root-key.ts';
import { createServices, SERVICE_OF_NAMESPACE } from './services.ts';
import type { TlsServerFor } from './tls-servers.ts';
import { watchedRunner } from './watched-runner.ts';

export interface SystemOptions {
  readonly store: Store;
  readonly now: Now;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly metrics: ServerMetrics;
  /** Signs certificates for names of this machine. */
  readonly authority: () => Promise<LocalAuthority>;
  readonly explain: ExplainMode;
  /** For what watches keep on disk when asked: null keeps nothing. */
  readonly dataDir: string | null;
  readonly callbacks: CallbackUrls;
  /** Unpacked code and environments of functions. */
  readonly runDir: string;
  /** The defaults when absent. */
  readonly functions?: FunctionSettings;
  readonly auth: 'open' | 'enforce';
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The first administrator's, from the environment. */
  readonly rootKey?: RootKey;
  /** What an account may call in a region; AWS's numbers when absent. */
  readonly accountRate?: GatewayPorts['accountRate'];
  /** This server; empty until it listens. */
  readonly url: () => string;
  /** Where this server speaks HTTP/2 without TLS; undefined when nowhere. */
  readonly http2Url: () => string | undefined;
  readonly loopback: boolean;
}

export interface System {
  readonly graphql: GraphqlDoor;
  control(request: IncomingMessage, response: ServerResponse): Promise<void>;
  api(request: IncomingMessage, response: ServerResponse, target: ApiTarget): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: ApiTarget): Promise<void>;
  /** Ends every WebSocket, within the grace: the listener waits for none of them. */
  closeSockets(graceMs: number): Promise<void>;
  /** The management API for a request that names a connection and no API. */
  connection(request: IncomingMessage, response: ServerResponse): Promise<void>;
  domainOf(host: string): Domain | null | Promise<Domain | null>;
  domain(request: IncomingMessage, response: ServerResponse, domain: Domain): Promise<void>;
  upgradeDomain(request: IncomingMessage, socket: Duplex, head: Buffer, domain: Domain): Promise<void>;
  /** Who answers a TLS handshake for a name; the sockets that come of it go to `onSecure`. */
  tlsServer(serverName: string | undefined, onSecure: (socket: TLSSocket) => void): Promise<TlsServer>;
  /** The hosted pages and OAuth endpoints of user pools. */
  userPools(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What user pools sent to their users. */
  userPoolMessages(query: URLSearchParams): Promise<object>;
  /** What SNS's signatures are checked with. */
  snsCertificate(): Promise<string>;
  functionCode(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readonly functionUrl: ServeFunctionUrl;
  /** The steps of one of the last requests, by its id; undefined when it is unknown. */
  explain(id: string): Promise<Explanation | undefined>;
  /** The running service of an id in the wire's table; undefined when there is none here. */
  service(id: string): Promise<ServiceInstance | undefined>;
  /** Starts the services that have work left from before: events to retry, stacks in progress, expiry. */
  resume(): Promise<void>;
  /** Before a stop: whoever only waits is answered. */
  release(): Promise<void>;
  stop(graceMs: number): Promise<void>;
}

export function assemble(options: SystemOptions): System {
  const { store, now, random, log, url, functions = readFunctionSettings({}) } = options;
  const findAccessKey: FindAccessKey = async (id) =>
    findRootKey(options.rootKey, id) ??
    (await (await services.iam()).findAccessKey(id)) ??
    openKey(options.auth, id);
  const principalPolicies: PrincipalPolicies = async (caller) =>
    (await services.iam()).principalPolicies(caller);
  const roleTrusts = async (roleArn: string, service: string): Promise<boolean> =>
    (await services.sts()).roleTrusts(roleArn, service);
  const authorizeCall = createAuthorizeCall({
    principalPolicies,
    findService,
    roleTrusts,
    pathsOf: createPathsOf(),
    now,
  });
  const wire = createWire({
    services: findService,
    now,
    log,
    auth: options.auth,
    findAccessKey,
    authorizeCall,
    endpoint: url,
    elsewhere: createElsewhere(process.env),
  });
  const ports: ServicePorts = { store, now, random, log, call: wire.call };

  const invoke: Invoke = async (invocation) => (await services.lambda()).invoke(invocation);
  const roleCredentials: LambdaPorts['roleCredentials'] = async (...role) =>
    (await services.sts()).roleCredentials(...role);
  const writeLogEvents: WriteLogEvents = (...events) => {
    services.logs().then(
      (logs) => logs.writeLogEvents(...events),
      (error: unknown) => log('error', 'log events were lost', { reason: reasonOf(error) }),
    );
  };
  const watch = createWatch({
    explain: options.explain,
    folder: options.dataDir,
    metrics: options.metrics,
    now,
    onMeasured: () => flush.later(),
    onTraced: () => flushTraces.later(),
    newSpanId: () => Buffer.from(random(8)).toString('hex'),
    otlp: otlpOptions(process.env, log),
    log,
  });
  const flush = createLateWork(limits.metricFlushMs, async () => (await services.cloudwatch()).flush());
  const flushTraces = createLateWork(limits.xrayFlushMs, async () => (await services.xray()).flush());
  const sampler = createSampler(
    async (scope) => (await services.xray()).samplingRules(scope),
    now,
    Math.random,
  );
  const runner = watchedRunner(
    createFunctionRunner({
      now,
      log,
      writeLogEvents,
      dataDir: options.runDir,
      endpointUrl: url,
      http2Url: options.http2Url,
      isolation: functions.isolation,
      processor: functions.processor,
      ...(functions.wheelsFolder !== undefined && { wheelsFolder: functions.wheelsFolder }),
    }),
    watch.invocation,
  );
  const userPoolIssuer = options.environment['GATEHOUSE_USER_POOL_ISSUER'] === 'local' ? 'local' : 'aws';
  const fetchDocument = createFetchDocument(async (poolId) =>
    (await services['cognito-idp']()).keysDocument(poolId),
  );
  const authenticate = createAuthenticate({ findAccessKey, now });
  const authorizeInvoke = createAuthorizeInvoke(principalPolicies);
  const gateway = createGateway({
    loadApi: async (id) =>
      (await (await services.apigateway()).loadApi(id)) ?? (await services.apigatewayv2()).loadApi(id),
    loadDomains: async () => (await import('../aws/apigatewayv2/load-domains.ts')).createLoadDomains(store)(),
    invoke: options.auth === 'enforce' ? invokeAs({ invoke, authorizeCall }) : invoke,
    callAwsService: createCallAwsService({
      url,
      auth: options.auth,
      now,
      roleCredentials,
      roleTrusts,
      findAccessKey,
      environment: process.env,
    }),
    fetchDocument,
    authenticate,
    authorizeInvoke,
    inspectWebAcl: (...asked) => services.wafv2.use((wafv2) => wafv2.inspect(...asked)),
    findApiKey: (...asked) => services.apigateway.use((apigateway) => apigateway.findApiKey(...asked)),
    useQuota: (...use) => services.apigateway.use((apigateway) => apigateway.useQuota(...use)),
    ...(options.accountRate && { accountRate: options.accountRate }),
    cache: createAnswerCache({
      now,
      folder: options.dataDir === null ? null : join(options.dataDir, 'cache'),
    }),
    writeLogEvents,
    now,
    random,
    log,
    observe: watch.observe,
    sample: sampler.sample,
    explain: options.explain !== 'off',
    openManagement: options.auth === 'open',
    findPrivateTarget: createFindPrivateTarget(
      wire.call,
      (below) => (random(1)[0] ?? 0) % Math.max(1, below),
    ),
  });
  const graphql = createGraphqlDoor(
    {
      loadApi: async (apiId) => (await services.appsync()).loadApi(apiId),
      call: wire.call,
      http: createGraphqlHttp({ url, roleCredentials, now, environment: options.environment }),
      authenticate,
      authorize: async (caller, action, resource) => {
        const { account = '', region = '' } = parseArn(resource) ?? {};
        const asked = {
          caller,
          action,
          resource,
          scope: { account, region },
          resourcePolicy: null,
          sourceIp: '',
        };
        return (await authorizeInvoke(asked)).allowed;
      },
      inspect: async (...asked) => services.wafv2.use((wafv2) => wafv2.inspectResource(...asked)),
      verifyToken: createVerifyToken(fetchDocument, now),
      userPoolIssuer: (region, poolId) =>
        userPoolIssuer === 'local'
          ? `${url()}/${poolId}`
          : `https://cognito-idp.${region}.amazonaws.com/${poolId}`,
      writeLogEvents,
      now,
      log,
    },
    now,
    log,
  );
  const engine = createStackEngine({
    call: (call) => wire.call({ ...call, calledVia: 'cloudformation.amazonaws.com' }),
    resourceTypes: findResourceType,
  });

  const { services, rows } = createServices({
    ports,
    writeLogEvents,
    graphqlControl: graphql.control,
    invoke,
    runner,
    roleCredentials,
    principalPolicies,
    ...(options.auth === 'enforce' && {
      roleIsAssumable: (roleArn: string) => roleTrusts(roleArn, 'lambda.amazonaws.com'),
    }),
    retiredRuntimes: functions.retiredRuntimes,
    observeIteratorAge: watch.iteratorAge,
    allowFolders: options.loopback && options.auth === 'open',
    gateway,
    domains: { changed: gateway.forgetDomains },
    authority: options.authority,
    drain: watch.drain,
    drainSpans: watch.drainSpans,
    samplingChanged: sampler.forget,
    engine,
    callbacks: options.callbacks,
    url,
    webAcls: {
      countryHeader: (
        options.environment['GATEHOUSE_COUNTRY_HEADER'] ?? 'CloudFront-Viewer-Country'
      ).toLowerCase(),
      setStageWebAcl: async (...stage) => (await services.apigateway()).setWebAcl(...stage),
      stageWebAcl: async (...stage) => (await services.apigateway()).webAclOf(...stage),
    },
    inspectResource: async (...asked) => services.wafv2.use((wafv2) => wafv2.inspectResource(...asked)),
    userPoolIssuer,
    fetchDocument,
  });
  const byId: Readonly<Record<string, Lazy<ServiceInstance>>> = services;
  async function findService(id: string): Promise<ServiceInstance | undefined> {
    return Object.hasOwn(byId, id) ? byId[id]?.() : undefined;
  }

  async function findResourceType(type: string): Promise<ResourceType | undefined> {
    const instance = await findService(SERVICE_OF_NAMESPACE[type.split('::')[1] ?? ''] ?? '');
    return instance?.resourceTypes?.find((candidate) => candidate.type === type);
  }

  let tlsServers: TlsServerFor | undefined;
  return {
    control: wire.handle,
    service: findService,
    explain: watch.explain,
    api: gateway.handle,
    upgrade: gateway.upgrade,
    connection: createConnectionDoor(gateway),
    graphql,
    async closeSockets(graceMs) {
      await graphql.closeSockets();
      await gateway.closeSockets(graceMs);
    },
    domainOf: gateway.domainOf,
    domain: gateway.handleDomain,
    upgradeDomain: gateway.upgradeDomain,
    async tlsServer(serverName, onSecure) {
      tlsServers ??= (await import('./tls-servers.ts')).createTlsServers(
        {
          authority: options.authority,
          domainOf: gateway.domainOf,
          keyAndChain: async (...which) => (await services.acm()).keyAndChain(...which),
          truststore: async (scope, domainName) => {
            const { truststores } = await import('../aws/apigatewayv2/truststore-row.ts');
            return (await store.get(truststores, scope, domainName))?.pem;
          },
          now,
        },
        onSecure,
      );
      return tlsServers(serverName);
    },
    userPools: async (request, response) => (await services['cognito-idp']()).serve(request, response),
    snsCertificate: async () => (await services.sns()).certificatePem(),
    userPoolMessages: async (query) => (await services['cognito-idp']()).sentMessages(query),
    async functionCode(request, response) {
      const code = await (await services.lambda()).openCode(request.url ?? '');
      response.writeHead(code ? 200 : 403, { 'Content-Type': 'application/zip' });
      response.end(code);
    },
    functionUrl: createFunctionUrls({
      find: async (urlId) => (await services.lambda()).findFunctionUrl(urlId),
      authorize: async (...who) => (await services.lambda()).authorizeFunctionUrl(...who),
      authenticate,
      invoke,
      now,
      log,
    }),
    async resume() {
      // One by one: nobody waits for it, and requests go first.
      for (const { get, wakesFor } of rows) {
        try {
          if (await store.holdsAny(wakesFor)) await get();
        } catch (error) {
          log('error', 'a service did not start', { tables: wakesFor, reason: reasonOf(error) });
        }
      }
    },
    async release() {
      for (const { get } of rows) await (await get.ifMade())?.release?.();
    },
    async stop(graceMs) {
      await gateway.close();
      await runner.close(graceMs);
      // Nothing is kept by a server without a folder.
      await flush.end(options.dataDir !== null);
      await flushTraces.end(options.dataDir !== null);
      for (const { get } of rows.toReversed()) await (await get.ifMade())?.stop?.();
      await watch.close();
    },
  };
}

/** `test`/`test` is a root key in open mode, also where signatures count. */
function openKey(auth: 'open' | 'enforce', accessKeyId: string): AccessKey | undefined {
  if (auth !== 'open' || accessKeyId !== 'test') return undefined;
  const arn = `arn:aws:iam::${DEFAULT_ACCOUNT}:root`;
  return { secretAccessKey: 'test', caller: { kind: 'root', account: DEFAULT_ACCOUNT, arn, accessKeyId } };
}
