/** What an integration must be before AWS takes it, in AWS's words. */
import type { Integration, Method } from '@aws-sdk/client-api-gateway';
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { badRequest } from './faults.ts';

export function checkIntegration(integration: Integration, method: Method, scope: Scope): void {
  checkTimeout(integration);
  checkTemplates(integration.requestTemplates);
  checkRequestMappings(integration, method);
  checkConnection(integration);
  if (integration.type === 'MOCK') return;
  if (!integration.httpMethod) throw badRequest('Enumeration value for HttpMethod must be non-empty');
  if (integration.type === 'HTTP' || integration.type === 'HTTP_PROXY') checkEndpointUri(integration.uri);
  else checkServiceUri(integration, scope);
  checkStreaming(integration);
}

/** A streamed answer may take longer without anybody's leave. */
function checkTimeout({ timeoutInMillis: timeoutMs, responseTransferMode }: Integration): void {
  const { min, max: usual } = limits.restIntegrationTimeoutMs;
  const max = responseTransferMode === 'STREAM' ? limits.apiGatewayStreamMs : usual;
  if (timeoutMs !== undefined && (timeoutMs < min || timeoutMs > max))
    throw badRequest(`Timeout should be between ${min} ms and ${max} ms`);
}

function checkConnection(integration: Integration): void {
  if (integration.connectionType === 'VPC_LINK' && !integration.connectionId)
    throw badRequest('Invalid ConnectionId specified. VPC_LINK connections require a connectionId.');
  if (integration.connectionType !== 'VPC_LINK' && integration.connectionId)
    throw badRequest('ConnectionId cannot be specified for INTERNET connections');
}

const hasStageVariable = (uri: string): boolean => uri.includes('${stageVariables.');

/** A stage variable may stand for any part of the address. */
function checkEndpointUri(uri: string | undefined): void {
  if (uri && hasStageVariable(uri)) return;
  if (!uri || !/^https?:\/\/[^\s/?#]+/.test(uri)) throw badRequest('Invalid HTTP endpoint specified for URI');
}

/** `arn:aws:apigateway:{region}:{subdomain.service|service}:path|action/{...}`; the service may be any AWS service. */
function checkServiceUri(integration: Integration, scope: Scope): void {
  const arn = parseArn(integration.uri ?? '');
  if (arn?.service !== 'apigateway') throw badRequest('Invalid ARN specified in the request');
  if (!/^(path|action)\//.test(arn.resource))
    throw badRequest('AWS ARN for integration must contain path or action');
  const service = arn.account.split('.').at(-1);
  const isProxy = integration.type === 'AWS_PROXY';
  if (isProxy && service !== 'lambda' && service !== 'firehose')
    throw badRequest(
      "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
    );
  if (service === 'lambda') checkLambdaPath(arn.resource);
  else if (!integration.credentials) throw badRequest('Role ARN must be specified for AWS integrations');
  checkCredentials(integration.credentials, scope);
}

function checkLambdaPath(resource: string): void {
  const path =
    /^path\/+(2015-03-31|2021-11-15)\/functions\/(.+)\/(invocations|response-streaming-invocations)$/.exec(
      resource,
    );
  if (path === null) throw badRequest('Invalid function ARN or invalid uri');
  const named = path[2] ?? '';
  if (!hasStageVariable(named) && parseArn(named)?.service !== 'lambda')
    throw badRequest('Invalid function ARN or invalid uri');
}

function checkCredentials(credentials: string | undefined, scope: Scope): void {
  if (!credentials || hasStageVariable(credentials)) return;
  const role = parseArn(credentials);
  if (role?.service !== 'iam') throw badRequest('Invalid ARN specified in the request');
  if (role.account !== '*' && role.account !== scope.account)
    throw new Fault('AccessDeniedException', 'Cross-account pass role is not allowed.', { status: 403 });
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html */
function checkStreaming(integration: Integration): void {
  if (integration.responseTransferMode !== 'STREAM') return;
  if (integration.type !== 'HTTP_PROXY' && integration.type !== 'AWS_PROXY')
    throw badRequest(
      'ResponseTransferMode STREAM is only supported for HTTP_PROXY and AWS_PROXY integrations',
    );
}

export function checkTemplates(templates: Readonly<Record<string, string | null>> | undefined): void {
  for (const [type, template] of Object.entries(templates ?? {})) {
    if (type !== '$default' && !/^[^\s/]+\/[^\s/]+/.test(type))
      throw badRequest(
        `Validation Result: warnings : [], errors : [Invalid content type specified: ${type}]`,
      );
    if (Buffer.byteLength(template ?? '') > limits.mappingTemplateBytes)
      throw badRequest(`Mapping template exceeds the maximum size of ${limits.mappingTemplateBytes} bytes`);
  }
}

const INTEGRATION_PARAMETER =
  /^integration\.request\.(querystring|path|header|multivaluequerystring|multivalueheader)\.\S+$/;
const SOURCE =
  /^(?:'.*'|method\.request\.(?:querystring|path|header|multivaluequerystring|multivalueheader)\.\S+|method\.request\.body(?:$|[.[].*)|context\.\S+|stageVariables\.\S+)$/s;
const METHOD_PARAMETER =
  /^method\.request\.(querystring|path|header|multivaluequerystring|multivalueheader)\./;

const invalidMapping = (what: string, expression: string) =>
  badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression ${what}: ${expression}]`,
  );

function checkRequestMappings(integration: Integration, method: Method): void {
  for (const [target, source] of Object.entries(integration.requestParameters ?? {})) {
    if (!INTEGRATION_PARAMETER.test(target)) throw invalidMapping('specified', target);
    if (!SOURCE.test(source)) throw invalidMapping('specified', source);
    if (
      METHOD_PARAMETER.test(source) &&
      method.requestParameters?.[singleValued(source)] === undefined &&
      method.requestParameters?.[source] === undefined
    )
      throw invalidMapping('parameter specified', source);
  }
  for (const parameter of integration.cacheKeyParameters ?? [])
    if (METHOD_PARAMETER.test(parameter) && method.requestParameters?.[parameter] === undefined)
      throw invalidMapping('parameter specified', parameter);
}

/** `multivaluequerystring.q` reads what the method declares as `querystring.q`. */
const singleValued = (source: string): string =>
  source.replace('.multivaluequerystring.', '.querystring.').replace('.multivalueheader.', '.header.');
