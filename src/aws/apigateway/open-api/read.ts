/** Reads a whole document: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html */
import { basePathOf } from './base-path.ts';
import {
  asList,
  asNumber,
  asObject,
  asText,
  asTexts,
  isObject,
  type Json,
  type OpenApiDocument,
} from './document.ts';
import type {
  Findings,
  ImportedApi,
  ImportedMethod,
  ImportedModel,
  ImportedResource,
  ImportedValidator,
} from './imported.ts';
import { readDocumentation } from './read-documentation.ts';
import { readGatewayResponses } from './read-gateway-responses.ts';
import { readMethod } from './read-method.ts';
import { readAuthorizers } from './read-security.ts';

/** `parameters` are the import's own: `basepath=ignore|prepend|split`, `ignore=documentation`. */
export function readDocument(
  document: OpenApiDocument,
  parameters: Readonly<Record<string, string>>,
  nextModelName: () => string,
): ImportedApi {
  const findings: Findings = { warnings: [], inlineModels: [], nextModelName };
  const { root } = document;
  const info = asObject(root['info']);
  const endpoint = endpointExtension(root);
  const models = readModels(document);
  const resources = readPaths(document, basePathOf(document, parameters['basepath']), findings);
  const ignoresDocumentation = parameters['ignore']?.split(',').includes('documentation');
  return {
    name: asText(info['title']),
    description: asText(info['description']),
    version: asText(info['version']),
    binaryMediaTypes: root['x-amazon-apigateway-binary-media-types']
      ? asTexts(root['x-amazon-apigateway-binary-media-types'])
      : undefined,
    minimumCompressionSize: asNumber(root['x-amazon-apigateway-minimum-compression-size']),
    apiKeySource: asText(root['x-amazon-apigateway-api-key-source']),
    policy: policyText(root['x-amazon-apigateway-policy']),
    vpcEndpointIds: endpoint['vpcEndpointIds'] ? asTexts(endpoint['vpcEndpointIds']) : undefined,
    disableExecuteApiEndpoint: booleanOf(endpoint['disableExecuteApiEndpoint']),
    securityPolicy: asText(root['x-amazon-apigateway-security-policy']),
    endpointAccessMode: asText(root['x-amazon-apigateway-endpoint-access-mode']),
    tags: readTags(root),
    models: [...models, ...findings.inlineModels],
    validators: readValidators(root),
    authorizers: readAuthorizers(document),
    gatewayResponses: readGatewayResponses(root),
    resources,
    documentationParts: ignoresDocumentation ? [] : readDocumentation(root),
    warnings: findings.warnings,
  };
}

/** At the root, or (version 3) in the first server. */
const endpointExtension = (root: Json): Json =>
  asObject(
    root['x-amazon-apigateway-endpoint-configuration'] ??
      asObject(asList(root['servers'])[0])['x-amazon-apigateway-endpoint-configuration'],
  );

const booleanOf = (value: unknown): boolean | undefined =>
  value === undefined ? undefined : String(value) === 'true';

const policyText = (policy: unknown): string | undefined =>
  policy === undefined || typeof policy === 'string' ? policy : JSON.stringify(policy);

function readModels(document: OpenApiDocument): ImportedModel[] {
  const { root } = document;
  const schemas = document.version === 2 ? root['definitions'] : asObject(root['components'])['schemas'];
  return Object.entries(asObject(schemas)).map(([name, schema]) => ({
    name,
    description: asText(asObject(schema)['description']),
    schema,
  }));
}

const readValidators = (root: Json): ImportedValidator[] =>
  Object.entries(asObject(root['x-amazon-apigateway-request-validators'])).map(([name, rules]) => ({
    name,
    validateRequestBody: String(asObject(rules)['validateRequestBody'] ?? false) === 'true',
    validateRequestParameters: String(asObject(rules)['validateRequestParameters'] ?? false) === 'true',
  }));

function readTags(root: Json): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const tag of asList(root['tags'])) {
    const { name, 'x-amazon-apigateway-tag-value': value } = asObject(tag);
    if (typeof name === 'string' && typeof value === 'string') tags[name] = value;
  }
  return tags;
}

const VERBS: Readonly<Record<string, string>> = {
  get: 'GET',
  put: 'PUT',
  post: 'POST',
  delete: 'DELETE',
  patch: 'PATCH',
  options: 'OPTIONS',
  head: 'HEAD',
  'x-amazon-apigateway-any-method': 'ANY',
};

function readPaths(document: OpenApiDocument, basePath: string, findings: Findings): ImportedResource[] {
  const resources: ImportedResource[] = [];
  for (const [path, item] of Object.entries(asObject(document.root['paths']))) {
    if (!path.startsWith('/')) {
      if (!path.startsWith('x-'))
        findings.warnings.push(`Parse issue: attribute paths. Resource ${path} should start with /`);
      continue;
    }
    const place = joined(basePath, path);
    resources.push({ path: place, methods: readItem(document, place, asObject(item), findings) });
  }
  return resources;
}

/** A trailing slash makes no resource of its own. */
function joined(basePath: string, path: string): string {
  const whole = `${basePath}${path}`.replace(/\/+$/, '').replaceAll(/\/{2,}/g, '/');
  return whole === '' ? '/' : whole;
}

function readItem(document: OpenApiDocument, path: string, item: Json, findings: Findings): ImportedMethod[] {
  const methods: ImportedMethod[] = [];
  for (const [key, operation] of Object.entries(item)) {
    const httpMethod = VERBS[key];
    if (httpMethod !== undefined && isObject(operation))
      methods.push(readMethod({ document, path, httpMethod, item, operation, findings }));
    else if (key === 'trace') findings.warnings.push(`Method TRACE of resource '${path}' is not supported`);
  }
  return methods;
}
