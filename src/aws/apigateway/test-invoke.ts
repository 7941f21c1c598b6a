/** TestInvokeMethod and TestInvokeAuthorizer: the gateway runs what stands now, without a deployment. */
import type {
  TestInvokeAuthorizerRequest,
  TestInvokeAuthorizerResponse,
  TestInvokeMethodRequest,
  TestInvokeMethodResponse,
} from '@aws-sdk/client-api-gateway';
import type { Call } from '../../wire/service.ts';
import { needAuthorizer } from './authorizer.ts';
import { currentDefinition } from './definition.ts';
import { notSupported } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needMethod } from './resource-row.ts';
import { needRestApi } from './rest-api-row.ts';
import { withoutEmpty } from './shapes.ts';

export const testInvokeOperations = (ports: ApiGatewayPorts) => ({
  TestInvokeMethod: async (input: TestInvokeMethodRequest, call: Call): Promise<TestInvokeMethodResponse> => {
    const { path, definition } = await ports.store.read(async (rows) => {
      const { resource } = await needMethod(rows, call.scope, input);
      const api = await needRestApi(rows, call.scope, input.restApiId);
      return { path: resource.path, definition: await currentDefinition(rows, call.scope, api) };
    });
    if (ports.testInvoke === undefined) throw notSupported('TestInvokeMethod');
    const answer = await ports.testInvoke({
      apiId: input.restApiId ?? '',
      scope: call.scope,
      definition,
      resourceId: input.resourceId ?? '',
      httpMethod: input.httpMethod ?? '',
      target: input.pathWithQueryString || path,
      rawHeaders: rawHeadersOf(input),
      body: input.body ?? '',
      stageVariables: input.stageVariables ?? {},
      ...(input.clientCertificateId ? { clientCertificateId: input.clientCertificateId } : {}),
    });
    const multiValueHeaders = gathered(answer.rawHeaders);
    return {
      status: answer.status,
      body: answer.body,
      headers: lastOfEach(multiValueHeaders),
      multiValueHeaders,
      log: answer.log,
      latency: answer.latencyMs,
    };
  },

  TestInvokeAuthorizer: async (
    input: TestInvokeAuthorizerRequest,
    call: Call,
  ): Promise<TestInvokeAuthorizerResponse> => {
    const authorizer = await needAuthorizer(ports.store, call.scope, input);
    if (ports.testInvokeAuthorizer === undefined) throw notSupported('TestInvokeAuthorizer');
    const answer = await ports.testInvokeAuthorizer({
      apiId: input.restApiId ?? '',
      scope: call.scope,
      authorizer,
      target: input.pathWithQueryString || '/',
      rawHeaders: rawHeadersOf(input),
      body: input.body ?? '',
      stageVariables: input.stageVariables ?? {},
      additionalContext: input.additionalContext ?? {},
    });
    const { latencyMs, claims, ...rest } = answer;
    return withoutEmpty({ ...rest, latency: latencyMs, claims: claims && { ...claims } });
  },
});

interface GivenHeaders {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Where both name a header, the many values win. */
function rawHeadersOf({ headers = {}, multiValueHeaders = {} }: GivenHeaders): string[] {
  const many = Object.entries(multiValueHeaders).flatMap(([name, values]) =>
    values.flatMap((value) => [name, value]),
  );
  const single = Object.entries(headers).filter(([name]) => !(name in multiValueHeaders));
  return [...single.flat(), ...many];
}

function gathered(rawHeaders: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    headers[name] = [...(headers[name] ?? []), rawHeaders[index + 1] ?? ''];
  }
  return headers;
}

const lastOfEach = (headers: Readonly<Record<string, readonly string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.at(-1) ?? '']));
