/**
 * Writes `src/deploy/schemas/{service}.json`: what the deploy engine needs to know of AWS's resource types, taken
 * from AWS's own resource schemas (`@aws-cdk/aws-service-spec`). Run: `bun scripts/schemas/generate.ts`.
 *
 * A property is one string: its type, then flags. Types: `s` string, `n` number, `i` integer, `b` boolean, `j` any
 * JSON, `d` date, `t` a tag, `#Name` a structure, `[]T` a list, `{}T` a map, `A|B` one of. Flags: `!` required,
 * `*` a change replaces the resource, `?` a change may replace it.
 */
import { writeFileSync } from 'node:fs';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType, Resource } from '@aws-cdk/service-spec-types';

const SERVICES = [
  'ApiGateway',
  'ApiGatewayV2',
  'AppSync',
  'CertificateManager',
  'CloudFormation',
  'CloudFront',
  'CloudWatch',
  'Cognito',
  'DynamoDB',
  'EC2',
  'ECR',
  'ECS',
  'ElasticLoadBalancingV2',
  'Events',
  'IAM',
  'KMS',
  'Kinesis',
  'Lambda',
  'Logs',
  'Route53',
  'S3',
  'SNS',
  'SQS',
  'SSM',
  'Scheduler',
  'SecretsManager',
  'ServiceDiscovery',
  'StepFunctions',
  'WAFv2',
];

interface Shape {
  readonly p: Record<string, string>;
}

interface TypeShape extends Shape {
  /** Attributes that Fn::GetAtt gives. */
  readonly a: string[];
  /** The properties that identify it, in order. */
  readonly id: string[];
  /** The property that holds tags, when it has one: its name and `standard` or `map`. */
  readonly tags?: string;
}

const database = loadAwsServiceSpecSync();
const folder = new URL('../../src/deploy/schemas/', import.meta.url);
for (const service of SERVICES) writeService(service);

function writeService(service: string): void {
  const types: Record<string, TypeShape> = {};
  const structures: Record<string, Shape> = {};
  for (const resource of resourcesOf(service))
    types[resource.cloudFormationType] = typeShape(resource, structures);
  const lines = Object.entries(sorted(types))
    .map(([name, shape]) => `${JSON.stringify(name)}: ${JSON.stringify(shape)}`)
    .join(',\n');
  const shapes = Object.entries(sorted(structures))
    .map(([name, shape]) => `${JSON.stringify(name)}: ${JSON.stringify(shape)}`)
    .join(',\n');
  writeFileSync(
    new URL(`${service}.json`, folder),
    `{"types": {\n${lines}\n}, "structures": {\n${shapes}\n}}\n`,
  );
}

function resourcesOf(service: string): Resource[] {
  const start = `AWS::${service}::`;
  return database.all('resource').filter((resource) => resource.cloudFormationType.startsWith(start));
}

function typeShape(resource: Resource, structures: Record<string, Shape>): TypeShape {
  const tags = resource.tagInformation;
  return {
    p: propertiesOf(resource, resource.properties, structures, extraReplacements(resource)),
    a: Object.keys(resource.attributes).toSorted(),
    id: resource.cfnRefIdentifier ?? resource.primaryIdentifier ?? [],
    ...(tags && { tags: `${tags.tagPropertyName} ${tags.variant}` }),
  };
}

function extraReplacements(resource: Resource): Set<string> {
  return new Set((resource.additionalReplacementProperties ?? []).map((path) => path[0] ?? ''));
}

function propertiesOf(
  owner: Resource,
  properties: Record<string, Property>,
  structures: Record<string, Shape>,
  replacing: Set<string> = new Set(),
): Record<string, string> {
  const shape: Record<string, string> = {};
  for (const [name, property] of Object.entries(sorted(properties))) {
    const replaces = replacing.has(name) ? 'yes' : property.causesReplacement;
    const flag = replaces === 'yes' ? '*' : replaces === 'maybe' ? '?' : '';
    shape[name] = typeText(owner, property.type, structures) + (property.required ? '!' : '') + flag;
  }
  return shape;
}

function typeText(owner: Resource, type: PropertyType, structures: Record<string, Shape>): string {
  switch (type.type) {
    case 'string':
      return 's';
    case 'number':
      return 'n';
    case 'integer':
      return 'i';
    case 'boolean':
      return 'b';
    case 'json':
    case 'null':
      return 'j';
    case 'date-time':
      return 'd';
    case 'tag':
      return 't';
    case 'array':
      return `[]${nested(owner, type.element, structures)}`;
    case 'map':
      return `{}${nested(owner, type.element, structures)}`;
    case 'union':
      return type.types.map((one) => nested(owner, one, structures)).join('|');
    case 'ref':
      return structureName(owner, type.reference.$ref, structures);
  }
}

/** An element that is itself a choice is taken as any JSON: no schema of AWS's needs it finer. */
function nested(owner: Resource, type: PropertyType, structures: Record<string, Shape>): string {
  return type.type === 'union' ? 'j' : typeText(owner, type, structures);
}

function structureName(owner: Resource, id: string, structures: Record<string, Shape>): string {
  const definition = database.get('typeDefinition', id);
  const name = `${owner.cloudFormationType.split('::').slice(2).join('')}.${definition.name}`;
  if (structures[name] === undefined) {
    const shape: { p: Record<string, string> } = { p: {} };
    structures[name] = shape;
    Object.assign(shape.p, propertiesOf(owner, definition.properties, structures));
  }
  return `#${name}`;
}

function sorted<Value>(table: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(table).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
