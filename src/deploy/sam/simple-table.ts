/** AWS::Serverless::SimpleTable: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html */
import { isObject, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import { checkProperties, make, objectIn, type Resource, type SamResource } from './serverless.ts';
import { tagList } from './values.ts';

const KNOWN = [
  'PointInTimeRecoverySpecification',
  'PrimaryKey',
  'ProvisionedThroughput',
  'TableName',
  'Tags',
  'SSESpecification',
];
const TYPES: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' };

export function transformSimpleTable(resource: SamResource): Record<string, Resource> {
  const { logicalId, properties, attributes } = resource;
  checkProperties(resource, 'AWS::Serverless::SimpleTable', KNOWN);
  const { name, type } = keyOf(resource);
  const throughput = properties.ProvisionedThroughput;
  const table = make(
    'AWS::DynamoDB::Table',
    {
      AttributeDefinitions: [{ AttributeName: name, AttributeType: type }],
      KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
      TableName: properties.TableName,
      ...(throughput === undefined
        ? { BillingMode: 'PAY_PER_REQUEST' }
        : { ProvisionedThroughput: throughput }),
      SSESpecification: properties.SSESpecification,
      PointInTimeRecoverySpecification: properties.PointInTimeRecoverySpecification,
      ...(properties.Tags !== undefined && { Tags: tagList(objectIn(resource, 'Tags')) }),
    },
    attributes,
  );
  return { [logicalId]: table };
}

function keyOf({ logicalId, properties }: SamResource): { name: JsonObject[string]; type: string } {
  const key = properties.PrimaryKey;
  if (key === undefined) return { name: 'id', type: 'S' };
  if (!isObject(key) || key.Name === undefined)
    throw new SamFault(logicalId, "'PrimaryKey' is missing required Property 'Name'.");
  if (key.Type === undefined)
    throw new SamFault(logicalId, "'PrimaryKey' is missing required Property 'Type'.");
  const type = TYPES[String(key.Type)];
  if (type === undefined) throw new SamFault(logicalId, `Invalid 'Type' "${String(key.Type)}".`);
  return { name: key.Name, type };
}
