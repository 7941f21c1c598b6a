/** An HTTP API's integrations: defaults and what AWS refuses. */
import { type IntegrationSubtype, integrationSubtypes } from '../../base/integration-subtypes.ts';
import { limits } from '../../base/limits.ts';
import type { Change } from './change.ts';
import { badRequest, missing } from './faults.ts';
import type { NewIntegration } from './integration.ts';
import type { IntegrationRow } from './integration-row.ts';
import { checkParameterMappings } from './parameter-mapping.ts';
import { vpcLinks } from './vpc-link-row.ts';

/** https://github.com/aws/aws-cli/issues/6363 */
const ONLY_PROXIES =
  'Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)';

const FUNCTION_URI =
  /^arn:[\w-]+:lambda:[\w-]+:\d{12}:function:\S+$|^arn:[\w-]+:apigateway:[\w-]+:lambda:path\/2015-03-31\/functions\/\S+\/invocations$/;
const URL = /^https?:\/\/[^\s/]+/;
/** A listener of a load balancer or a Cloud Map service. */
const PRIVATE_TARGET =
  /^arn:[\w-]+:(elasticloadbalancing:[\w-]+:\d{12}:listener\/\S+|servicediscovery:[\w-]+:\d{12}:service\/\S+)$/;

export function completeHttpIntegration(integration: NewIntegration): NewIntegration {
  const isLambda = integration.IntegrationType === 'AWS_PROXY' && !integration.IntegrationSubtype;
  return {
    ...integration,
    ConnectionType: integration.ConnectionType ?? 'INTERNET',
    IntegrationMethod: integration.IntegrationMethod ?? (isLambda ? 'POST' : undefined),
    TimeoutInMillis: integration.TimeoutInMillis ?? limits.httpIntegrationTimeoutMs.default,
  };
}

/** Throws BadRequestException or NotFoundException. */
export async function checkHttpIntegration(change: Change, row: IntegrationRow): Promise<void> {
  if (row.IntegrationType !== 'AWS_PROXY' && row.IntegrationType !== 'HTTP_PROXY')
    throw badRequest(ONLY_PROXIES);
  checkFormat(row);
  checkTimeout(row);
  if (row.IntegrationType === 'HTTP_PROXY') checkHttpProxy(row);
  else if (row.IntegrationSubtype) checkSubtype(row);
  else checkLambda(row);
  if (row.ConnectionType === 'VPC_LINK') await checkVpcLink(change, row);
  else if (row.TlsConfig) throw badRequest('TlsConfig is supported only for private integrations');
  checkUnsupported(row);
  checkParameterMappings(row);
}

/** Whoever makes an integration by API must say the version:
 *  https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function checkFormat(row: IntegrationRow): void {
  const version = row.PayloadFormatVersion;
  if (!version) throw badRequest('PayloadFormatVersion is a required parameter for integration');
  const isLambda = row.IntegrationType === 'AWS_PROXY' && !row.IntegrationSubtype;
  const known = isLambda ? ['1.0', '2.0'] : ['1.0'];
  if (!known.includes(version)) throw badRequest(`PayloadFormatVersion ${version} is not supported`);
}

function checkTimeout({ TimeoutInMillis: timeout }: IntegrationRow): void {
  const { min, max } = limits.httpIntegrationTimeoutMs;
  if (timeout === undefined || timeout < min || timeout > max)
    throw badRequest(`Timeout should be between ${min} ms and ${max} ms`);
}

function checkHttpProxy(row: IntegrationRow): void {
  const uri = row.IntegrationUri ?? '';
  if (!row.IntegrationMethod)
    throw badRequest('HttpMethod is a required parameter for HTTP_PROXY integration');
  // Ours: a private target may also be given by its address, because here it may be no load balancer's.
  const isPrivate = row.ConnectionType === 'VPC_LINK';
  if (!URL.test(uri) && !(isPrivate && PRIVATE_TARGET.test(uri)))
    throw badRequest('Invalid HTTP endpoint specified for URI');
}

function checkSubtype(row: IntegrationRow): void {
  const action = row.IntegrationSubtype ?? '';
  const subtype = Object.hasOwn(integrationSubtypes, action) ? integrationSubtypes[action] : undefined;
  if (subtype === undefined) throw badRequest(`IntegrationSubtype ${action} is not supported`);
  if (row.IntegrationUri) throw badRequest('IntegrationUri cannot be specified with IntegrationSubtype');
  if (!row.CredentialsArn) throw badRequest('CredentialsArn is a required parameter for IntegrationSubtype');
  checkSubtypeParameters(subtype, row.RequestParameters ?? {});
}

/** The last text is of https://github.com/hashicorp/terraform-provider-aws/issues/17348 */
function checkSubtypeParameters(
  { required, optional, objects = [] }: IntegrationSubtype,
  given: Readonly<Record<string, string>>,
): void {
  const missingOnes = required.filter((name) => !given[name]);
  if (missingOnes.length > 0)
    throw badRequest(`Parameter(s) ${missingOnes.join(', ')} are required for the IntegrationSubtype`);
  for (const [name, source] of Object.entries(given)) {
    if (![...required, ...optional, 'Region'].includes(name))
      throw badRequest(`Parameter: ${name} does not fit schema for Operation`);
    if (objects.includes(name) && !source.startsWith('$'))
      throw badRequest(
        `Invalid selection expression specified: Validation Result: warnings : [], errors : [Invalid source: ${source} specified for destination: ${name}]`,
      );
  }
}

function checkLambda(row: IntegrationRow): void {
  if (!FUNCTION_URI.test(row.IntegrationUri ?? '')) throw badRequest('Invalid function ARN or invalid uri');
}

async function checkVpcLink({ rows, scope }: Change, row: IntegrationRow): Promise<void> {
  if (!row.ConnectionId) throw badRequest('ConnectionId is a required parameter for VPC_LINK connections');
  if (!(await rows.get(vpcLinks, scope, row.ConnectionId))) throw missing('VpcLink', row.ConnectionId);
}

/** The API reference marks these "Supported only for WebSocket APIs". */
function checkUnsupported(row: IntegrationRow): void {
  for (const name of [
    'ContentHandlingStrategy',
    'PassthroughBehavior',
    'TemplateSelectionExpression',
  ] as const)
    if (row[name]) throw badRequest(`${name} is supported only for WebSocket APIs`);
  if (Object.keys(row.RequestTemplates ?? {}).length > 0)
    throw badRequest('RequestTemplates is supported only for WebSocket APIs');
}
