/**
 * AWS::DynamoDB::GlobalTable with the one replica that lies in the stack's own region, as CDK's TableV2 makes it: the
 * table it is, in the words of a table. Replicas elsewhere are refused by name.
 */
import { Fault } from '../../base/fault.ts';
import type {
  CurrentResource,
  ResourceRequest,
  ResourceState,
  ResourceType,
} from '../../base/resource-type.ts';
import { type TableProperties, tableResourceType } from './table-resource-type.ts';

interface AutoScaling {
  readonly MinCapacity: number;
}

interface ReadSettings {
  readonly ReadCapacityUnits?: number;
  readonly ReadCapacityAutoScalingSettings?: AutoScaling;
}

interface WriteSettings {
  readonly WriteCapacityAutoScalingSettings?: AutoScaling;
}

interface Replica
  extends Pick<
    TableProperties,
    'DeletionProtectionEnabled' | 'PointInTimeRecoverySpecification' | 'TableClass' | 'Tags'
  > {
  readonly Region: string;
  readonly SSESpecification?: { readonly KMSMasterKeyId: string };
  readonly ReadProvisionedThroughputSettings?: ReadSettings;
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly ReadProvisionedThroughputSettings?: ReadSettings;
  }[];
  readonly [setting: string]: unknown;
}

interface GlobalIndex {
  readonly IndexName: string;
  readonly WriteProvisionedThroughputSettings?: WriteSettings;
  readonly ReadProvisionedThroughputSettings?: ReadSettings;
  readonly [member: string]: unknown;
}

interface GlobalTableProperties
  extends Pick<
    TableProperties,
    | 'AttributeDefinitions'
    | 'BillingMode'
    | 'KeySchema'
    | 'LocalSecondaryIndexes'
    | 'StreamSpecification'
    | 'TableName'
    | 'TimeToLiveSpecification'
  > {
  readonly Replicas: readonly Replica[];
  readonly GlobalSecondaryIndexes?: readonly GlobalIndex[];
  readonly SSESpecification?: { readonly SSEEnabled: boolean; readonly SSEType?: 'AES256' | 'KMS' };
  readonly WriteProvisionedThroughputSettings?: WriteSettings;
  readonly ReadProvisionedThroughputSettings?: ReadSettings;
}

export const globalTableResourceType: ResourceType<GlobalTableProperties> = {
  type: 'AWS::DynamoDB::GlobalTable',
  unsupported: [
    'GlobalTableSourceArn',
    'GlobalTableWitnesses',
    'MultiRegionConsistency',
    'ReadOnDemandThroughputSettings',
    'VectorIndexes',
    'WarmThroughput',
    'WriteOnDemandThroughputSettings',
  ],

  create: async (request) => tableResourceType.create(asTable(request)),

  async update(request, current) {
    const before: CurrentResource<TableProperties> = {
      ...current,
      properties: tableOf(current.properties, request.scope.region),
    };
    return (await tableResourceType.update?.(asTable(request), before)) ?? asState(current);
  },

  delete: (request, current) =>
    tableResourceType.delete(asTable({ ...request, properties: current.properties }), {
      ...current,
      properties: tableOf(current.properties, request.scope.region),
    }),
};

const asState = ({ physicalId, attributes }: CurrentResource<GlobalTableProperties>): ResourceState => ({
  physicalId,
  ...(attributes ? { attributes } : {}),
});

const asTable = (request: ResourceRequest<GlobalTableProperties>): ResourceRequest<TableProperties> => ({
  ...request,
  properties: tableOf(request.properties, request.scope.region),
});

/** What of a replica is not there. */
const REFUSED = [
  'ContributorInsightsSpecification',
  'KinesisStreamSpecification',
  'ReadOnDemandThroughputSettings',
  'ResourcePolicy',
];

function tableOf(properties: GlobalTableProperties, region: string): TableProperties {
  const { Replicas, GlobalSecondaryIndexes, SSESpecification: sse, ...rest } = properties;
  const {
    ReadProvisionedThroughputSettings: read,
    WriteProvisionedThroughputSettings: write,
    ...table
  } = rest;
  const [replica] = Replicas;
  if (replica === undefined || Replicas.length > 1 || replica.Region !== region)
    throw new Fault(
      'ValidationException',
      `Replicas in other regions than ${region}: not supported by gatehouse`,
    );
  const refused = REFUSED.find((name) => replica[name] !== undefined);
  if (refused !== undefined)
    throw new Fault('ValidationException', `Replicas.${refused}: not supported by gatehouse`);
  const provisioned = properties.BillingMode !== 'PAY_PER_REQUEST';
  const { DeletionProtectionEnabled, PointInTimeRecoverySpecification, TableClass, Tags } = replica;
  return {
    ...table,
    ...given({ DeletionProtectionEnabled, PointInTimeRecoverySpecification, TableClass, Tags }),
    ...(provisioned
      ? { ProvisionedThroughput: throughputOf(replica.ReadProvisionedThroughputSettings ?? read, write) }
      : {}),
    ...(sse ? { SSESpecification: { ...sse, ...replica.SSESpecification } } : {}),
    ...(GlobalSecondaryIndexes
      ? {
          GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => indexOf(index, replica, provisioned)),
        }
      : {}),
  };
}

const given = <T extends object>(members: T): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>; // some of its members

type Index = NonNullable<TableProperties['GlobalSecondaryIndexes']>[number];

function indexOf(index: GlobalIndex, replica: Replica, provisioned: boolean): Index {
  const {
    WriteProvisionedThroughputSettings: write,
    ReadProvisionedThroughputSettings: own,
    ...rest
  } = index;
  const read = replica.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === index.IndexName);
  const ProvisionedThroughput = throughputOf(read?.ReadProvisionedThroughputSettings ?? own, write);
  return { ...(rest as unknown as Index), ...(provisioned ? { ProvisionedThroughput } : {}) }; // the other members are the same
}

/** Scaling stays at its least: capacity is recorded, and nobody is held to it. */
const throughputOf = (read: ReadSettings | undefined, write: WriteSettings | undefined) => ({
  ReadCapacityUnits: read?.ReadCapacityUnits ?? read?.ReadCapacityAutoScalingSettings?.MinCapacity ?? 1,
  WriteCapacityUnits: write?.WriteCapacityAutoScalingSettings?.MinCapacity ?? 1,
});
