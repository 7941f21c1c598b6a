/** Authorizers, IAM and API keys as security schemes, and which of them a method asks for. */
import type { Authorizer, Method } from '@aws-sdk/client-api-gateway';
import { withoutEmpty } from '../shapes.ts';
import type { ExportSource } from './export-source.ts';

const API_KEY = 'api_key';
const SIGV4 = 'sigv4';

export function writeSecuritySchemes(source: ExportSource): Record<string, object> {
  const { definition, extensions } = source;
  const methods = definition.resources.flatMap((resource) => Object.values(resource.resourceMethods ?? {}));
  const schemes: Record<string, object> = {};
  if (methods.some((method) => method.apiKeyRequired))
    schemes[API_KEY] = { type: 'apiKey', name: 'x-api-key', in: 'header' };
  if (methods.some((method) => method.authorizationType === 'AWS_IAM'))
    schemes[SIGV4] = {
      type: 'apiKey',
      name: 'Authorization',
      in: 'header',
      'x-amazon-apigateway-authtype': 'awsSigv4',
    };
  for (const authorizer of definition.authorizers) {
    const used = methods.some((method) => method.authorizerId === authorizer.id);
    if (used || extensions.authorizers)
      schemes[authorizer.name ?? ''] = schemeOf(authorizer, extensions.authorizers);
  }
  return schemes;
}

function schemeOf(authorizer: Authorizer, withExtension: boolean): object {
  const header = /^method\.request\.header\.([^,\s]+)$/.exec(authorizer.identitySource ?? '')?.[1];
  const extension = withoutEmpty({
    providerARNs: authorizer.providerARNs,
    type: authorizer.type?.toLowerCase(),
    authorizerUri: authorizer.authorizerUri,
    authorizerCredentials: authorizer.authorizerCredentials,
    authorizerResultTtlInSeconds: authorizer.authorizerResultTtlInSeconds,
    identitySource: authorizer.type === 'REQUEST' ? authorizer.identitySource : undefined,
    identityValidationExpression: authorizer.identityValidationExpression,
  });
  return withoutEmpty({
    type: 'apiKey',
    name: header ?? 'Unused',
    in: 'header',
    'x-amazon-apigateway-authtype': authorizer.authType,
    'x-amazon-apigateway-authorizer': withExtension ? extension : undefined,
  });
}

/** One requirement a scheme; none for an open method. */
export function writeSecurity(source: ExportSource, method: Method): object[] | undefined {
  const requirements: object[] = [];
  if (method.authorizationType === 'AWS_IAM') requirements.push({ [SIGV4]: [] });
  const authorizer = source.definition.authorizers.find((one) => one.id === method.authorizerId);
  if (authorizer) requirements.push({ [authorizer.name ?? '']: method.authorizationScopes ?? [] });
  if (method.apiKeyRequired) requirements.push({ [API_KEY]: [] });
  return requirements.length > 0 ? requirements : undefined;
}
