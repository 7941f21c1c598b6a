/** One assembled system over one store: services, engines and the ports between them. Made anew by a reset. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Now } from '../base/clock.ts';
import { reasonOf } from '../base/fault.ts';
import type { RandomBytes } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { WriteLogEvents } from '../base/ports.ts';
import type { ResourceType } from '../base/resource-type.ts';
import { createStackEngine } from '../deploy/engine.ts';
import { createFunctionRunner } from '../functions/runner.ts';
import type { ApiTarget } from '../gateway/target.ts';
import { createGateway } from '../gateway/serve.ts';
import type { Store } from '../store/store.ts';
import { createWire } from '../wire/server.ts';
import type { ServiceInstance, ServicePorts } from '../wire/service.ts';
import { createCallAwsService } from './call-aws-service.ts';
import { type Lazy, lazily } from './lazily.ts';
import type { RequestCounts } from './request-counts.ts';

export interface SystemOptions {
  readonly store: Store;
  readonly now: Now;
  readonly random: RandomBytes;
  readonly log: Log;
  readonly counts: RequestCounts;
  /** Unpacked code and environments of functions. */
  readonly runDir: string;
  readonly auth: 'open' | 'enforce';
  /** This server; empty until it listens. */
  readonly url: () => string;
  readonly loopback: boolean;
}

export interface System {
  control(request: IncomingMessage, response: ServerResponse): Promise<void>;
  api(request: IncomingMessage, response: ServerResponse, target: ApiTarget): Promise<void>;
  functionCode(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Loads in the background what holds work of its own (events to retry, stacks in progress, expiry). */
  warm(): void;
  stop(graceMs: number): Promise<void>;
}

export function assemble(options: SystemOptions): System {
  const { store, now, random, log, url } = options;
  const wire = createWire({ services: (id) => findService(id), now, log });
  const ports: ServicePorts = { store, now, random, log, call: wire.call };

  const writeLogEvents: WriteLogEvents = (...events) => {
    services.logs().then(
      (logs) => logs.writeLogEvents(...events),
      (error: unknown) => log('error', 'log events were lost', { reason: reasonOf(error) }),
    );
  };
  const runner = createFunctionRunner({
    now,
    log,
    writeLogEvents,
    dataDir: options.runDir,
    endpointUrl: url,
  });
  const gateway = createGateway({
    loadApi: async (id) =>
      (await (await services.apigateway()).loadApi(id)) ?? (await services.apigatewayv2()).loadApi(id),
    invoke: async (invocation) => (await services.lambda()).invoke(invocation),
    callAwsService: createCallAwsService(url, options.auth),
    authenticate: async () => undefined,
    writeLogEvents,
    now,
    random,
    log,
    observe: (observation) => options.counts.count(observation),
  });
  const engine = createStackEngine({ call: wire.call, resourceTypes: (type) => findResourceType(type) });

  const started: Lazy<ServiceInstance>[] = [];
  /** Made, checked against its schemas and started at its first call. */
  const service = <T extends ServiceInstance>(make: () => Promise<T>): Lazy<T> => {
    const lazy = lazily(async () => {
      const instance = await make();
      await instance.start?.();
      return instance;
    });
    started.push(lazy);
    return lazy;
  };
  const services = {
    // Stopped from the last to the first: what others write to comes first.
    logs: service(async () =>
      (await import('../aws/logs/service.ts')).createLogs({
        ...ports,
        invoke: async (invocation) => (await services.lambda()).invoke(invocation),
      }),
    ),
    dynamodb: service(async () => (await import('../neighbours/dynamodb/service.ts')).createDynamoDb(ports)),
    iam: service(async () => (await import('../aws/iam/service.ts')).createIam(ports)),
    s3: service(async () => (await import('../aws/s3/service.ts')).createS3(ports)),
    sts: service(async () => (await import('../aws/sts/service.ts')).createSts(ports)),
    lambda: service(async () =>
      (await import('../aws/lambda/service.ts')).createLambda({
        ...ports,
        runner,
        roleCredentials: async (...role) => (await services.sts()).roleCredentials(...role),
        allowFolders: options.loopback && options.auth === 'open',
      }),
    ),
    apigateway: service(async () =>
      (await import('../aws/apigateway/service.ts')).createApiGateway({ ...ports, gateway }),
    ),
    apigatewayv2: service(async () =>
      (await import('../aws/apigatewayv2/service.ts')).createApiGatewayV2({ ...ports, gateway }),
    ),
    cloudformation: service(async () =>
      (await import('../aws/cloudformation/service.ts')).createCloudFormation({ ...ports, engine }),
    ),
  };
  const byId: Readonly<Record<string, Lazy<ServiceInstance>>> = services;
  const findService = async (id: string): Promise<ServiceInstance | undefined> =>
    Object.hasOwn(byId, id) ? byId[id]?.() : undefined;

  async function findResourceType(type: string): Promise<ResourceType | undefined> {
    const instance = await findService(SERVICE_OF_NAMESPACE[type.split('::')[1] ?? ''] ?? '');
    return instance?.resourceTypes?.find((candidate) => candidate.type === type);
  }

  return {
    control: wire.handle,
    api: gateway.handle,
    async functionCode(request, response) {
      const code = await (await services.lambda()).openCode(request.url ?? '');
      response.writeHead(code ? 200 : 403, { 'Content-Type': 'application/zip' });
      response.end(code);
    },
    warm() {
      // After the ready line, one by one: loading them is work, and nobody waits for it.
      void (async () => {
        for (const lazy of started) await lazy();
      })().catch((error: unknown) => log('error', 'a service did not start', { reason: reasonOf(error) }));
    },
    async stop(graceMs) {
      await gateway.close();
      await runner.close(graceMs);
      for (const lazy of started.toReversed()) await (await lazy.ifMade())?.stop?.();
    },
  };
}

/** Which service's operations carry out the types of a namespace: `AWS::ApiGateway::*`. */
const SERVICE_OF_NAMESPACE: Readonly<Record<string, string>> = {
  ApiGateway: 'apigateway',
  ApiGatewayV2: 'apigatewayv2',
  CloudFormation: 'cloudformation',
  DynamoDB: 'dynamodb',
  IAM: 'iam',
  Lambda: 'lambda',
  Logs: 'logs',
  S3: 's3',
};
