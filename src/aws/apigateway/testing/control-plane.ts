/** API Gateway's control plane over a store in memory: operations by name, as an SDK call reaches them. */
import { isFault } from '../../../base/fault.ts';
import { silentLog } from '../../../base/log.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Call } from '../../../wire/service.ts';
import type { ApiGatewayPorts } from '../ports.ts';
import { createApiGateway } from '../service.ts';

export const ACCOUNT = '123456789012';
export const SCOPE = { account: ACCOUNT, region: 'eu-west-1' };

export const CALL: Call = {
  scope: SCOPE,
  caller: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, accessKeyId: 'test' },
  requestId: 'request',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};

export function openControlPlane(more: Partial<ApiGatewayPorts> = {}) {
  const forgotten: string[] = [];
  const flushed: string[] = [];
  const ports: ApiGatewayPorts = {
    store: createMemoryStore(),
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: async ({ operation, input }) => {
      // Any certificate is there, and good for any name.
      if (operation === 'DescribeCertificate') return { Certificate: goodFor(input) };
      throw new Error('no other service in this test');
    },
    gateway: {
      forget: (apiId) => forgotten.push(apiId),
      flushCache: async (_scope, apiId, stageName) => void flushed.push(`${apiId}/${stageName}`),
    },
    ...more,
  };
  const service = createApiGateway(ports);
  return { run: service.handlers, ports, forgotten, flushed, service };
}

const goodFor = (input: object) => ({
  ...input,
  Status: 'ISSUED',
  DomainName: '*.example.com',
  SubjectAlternativeNames: ['example.com'],
});

/** `Code: text` of the refusal, or the answer itself when there was none. */
export async function refusal(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (thrown) {
    if (isFault(thrown)) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
}

/** An API with one method that can be deployed: GET / answered by a mock. */
export async function mockApi(plane: ReturnType<typeof openControlPlane>) {
  const { run } = plane;
  const api = await run.CreateRestApi({ name: 'orders' }, CALL);
  const restApiId = api.id ?? '';
  const resourceId = api.rootResourceId ?? '';
  const method = { restApiId, resourceId, httpMethod: 'GET' };
  await run.PutMethod({ ...method, authorizationType: 'NONE' }, CALL);
  await run.PutMethodResponse({ ...method, statusCode: '200' }, CALL);
  await run.PutIntegration(
    { ...method, type: 'MOCK', requestTemplates: { 'application/json': '{"statusCode": 200}' } },
    CALL,
  );
  await run.PutIntegrationResponse({ ...method, statusCode: '200', selectionPattern: '' }, CALL);
  return { ...method, rootResourceId: resourceId };
}
