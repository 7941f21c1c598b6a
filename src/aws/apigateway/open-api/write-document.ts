/** A frozen API as an OpenAPI document, version 2 or 3. */
import { arnOf, partitionOf } from '../../../base/arn.ts';
import { filled, withoutEmpty } from '../shapes.ts';
import type { ExportSource } from './export-source.ts';
import { writeOperation } from './write-operation.ts';
import { writeSchemas } from './write-schemas.ts';
import { writeSecuritySchemes } from './write-security.ts';

export function writeDocument(source: ExportSource): object {
  const { api, apiVersion } = source;
  const info = withoutEmpty({ title: api.name, description: api.description, version: apiVersion });
  const paths = writePaths(source);
  const schemas = writeSchemas(source);
  const security = filled(writeSecuritySchemes(source));
  const own = ownExtensions(source);
  if (source.version === 2)
    return withoutEmpty({
      swagger: '2.0',
      info,
      host: hostOf(source),
      basePath: `/${source.stageName}`,
      schemes: ['https'],
      paths,
      securityDefinitions: security,
      definitions: filled(schemas),
      ...own,
    });
  const { [ENDPOINT]: endpoint, ...others } = own;
  return withoutEmpty({
    openapi: '3.0.1',
    info,
    servers: [
      withoutEmpty({
        url: `https://${hostOf(source)}/{basePath}`,
        variables: { basePath: { default: source.stageName } },
        [ENDPOINT]: endpoint,
      }),
    ],
    paths,
    components: withoutEmpty({ schemas: filled(schemas), securitySchemes: security }),
    ...others,
  });
}

const ENDPOINT = 'x-amazon-apigateway-endpoint-configuration';

function hostOf({ api, scope }: ExportSource): string {
  const suffix = partitionOf(scope.region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${api.id}.execute-api.${scope.region}.${suffix}`;
}

/** Paths without methods are left out. */
function writePaths(source: ExportSource): Record<string, object> {
  const paths: Record<string, object> = {};
  for (const resource of source.definition.resources) {
    const methods = Object.entries(resource.resourceMethods ?? {});
    if (methods.length === 0) continue;
    paths[resource.path ?? ''] = Object.fromEntries(
      methods.map(([verb, method]) => [
        verb === 'ANY' ? 'x-amazon-apigateway-any-method' : verb.toLowerCase(),
        writeOperation(source, method, resource.id),
      ]),
    );
  }
  return paths;
}

function ownExtensions(source: ExportSource): Record<string, unknown> {
  const { definition, extensions, documentation, api } = source;
  const parts = extensions.documentation && documentation;
  const documented = parts && {
    version: parts.version,
    createdDate: new Date(parts.createdDate).toISOString(),
    documentationParts: parts.parts.map((part) => ({
      location: part.location,
      properties: JSON.parse(part.properties) as object, // checked when the part was made
    })),
  };
  if (!extensions.apigateway)
    return withoutEmpty({ 'x-amazon-apigateway-documentation': documented || undefined });
  const tags = Object.entries(api.tags).map(([name, value]) => ({
    name,
    'x-amazon-apigateway-tag-value': value,
  }));
  return withoutEmpty({
    tags: tags.length > 0 ? tags : undefined,
    [ENDPOINT]: filled(endpointOf(source)),
    'x-amazon-apigateway-security-policy': api.securityPolicy,
    'x-amazon-apigateway-endpoint-access-mode': api.endpointAccessMode,
    'x-amazon-apigateway-request-validators': filled(
      Object.fromEntries(
        definition.requestValidators.map(({ name, validateRequestBody, validateRequestParameters }) => [
          name ?? '',
          { validateRequestParameters, validateRequestBody },
        ]),
      ),
    ),
    'x-amazon-apigateway-gateway-responses': filled(
      Object.fromEntries(
        definition.gatewayResponses.map(({ responseType, defaultResponse: _default, ...response }) => [
          responseType ?? '',
          response,
        ]),
      ),
    ),
    'x-amazon-apigateway-binary-media-types': definition.binaryMediaTypes.length
      ? definition.binaryMediaTypes
      : undefined,
    'x-amazon-apigateway-minimum-compression-size': definition.minimumCompressionSize,
    'x-amazon-apigateway-api-key-source': definition.apiKeySource === 'AUTHORIZER' ? 'AUTHORIZER' : undefined,
    'x-amazon-apigateway-policy': policyOf(source),
    'x-amazon-apigateway-documentation': documented || undefined,
  });
}

/** What every API is by default is left out. */
const endpointOf = ({ api, definition }: ExportSource): Record<string, unknown> =>
  withoutEmpty({
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint || undefined,
    vpcEndpointIds: definition.vpcEndpointIds.length > 0 ? definition.vpcEndpointIds : undefined,
  });

/** The API's own address as `execute-api:/...`, which is what it was written as or means the same: it holds for the API
 *  that the document makes. */
function policyOf({ definition, scope, api }: ExportSource): object | undefined {
  if (definition.policy === undefined) return undefined;
  const own = `"${arnOf(scope, 'execute-api', `${api.id}/`)}`;
  return JSON.parse(definition.policy.replaceAll(own, '"execute-api:/')) as object; // kept as valid JSON
}
