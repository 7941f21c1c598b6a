/** TestInvokeMethod and TestInvokeAuthorizer: the gateway runs what stands now, without a deployment. */
import type {
  TestInvokeAuthorizerRequest,
  TestInvokeAuthorizerResponse,
  TestInvokeMethodRequest,
  TestInvokeMethodResponse,
} from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { needAuthorizer } from './authorizer.ts';
import { needCertificate } from './client-certificate.ts';
import { currentDefinition } from './definition.ts';
import { notSupported } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needMethod, needResource, type ResourceRow } from './resource-row.ts';
import { needRestApi } from './rest-api-row.ts';
import { withoutEmpty } from './shapes.ts';

export const testInvokeOperations = (ports: ApiGatewayPorts) => ({
  TestInvokeMethod: async (input: TestInvokeMethodRequest, call: Call): Promise<TestInvokeMethodResponse> => {
    const { path, definition, certificate } = await ports.store.read(async (rows) => {
      const resource = await testedResource(rows, call.scope, input);
      const api = await needRestApi(rows, call.scope, input.restApiId);
      return {
        path: resource.path,
        definition: await currentDefinition(rows, call.scope, api),
        certificate:
          input.clientCertificateId && (await needCertificate(rows, call.scope, input.clientCertificateId)),
      };
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
      caller: call.caller,
      ...(certificate
        ? {
            clientCertificate: {
              certificatePem: certificate.pemEncodedCertificate,
              privateKeyPem: certificate.privateKeyPem,
            },
          }
        : {}),
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
    if (Object.keys(input.additionalContext ?? {}).length > 0)
      throw notSupported('additionalContext of TestInvokeAuthorizer');
    const answer = await ports.testInvokeAuthorizer({
      apiId: input.restApiId ?? '',
      scope: call.scope,
      authorizer,
      target: input.pathWithQueryString || '/',
      rawHeaders: rawHeadersOf(input),
      body: input.body ?? '',
      stageVariables: input.stageVariables ?? {},
      caller: call.caller,
    });
    const { latencyMs, claims, ...rest } = answer;
    return withoutEmpty({ ...rest, latency: latencyMs, claims: claims && { ...claims } });
  },
});

/** A verb that the resource answers by its ANY is tested by it. */
async function testedResource(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: TestInvokeMethodRequest,
): Promise<ResourceRow> {
  const resource = await needResource(rows, scope, input);
  if (resource.methods?.['ANY'] !== undefined) return resource;
  return (await needMethod(rows, scope, input)).resource;
}

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
