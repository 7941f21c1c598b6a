/** AWS::Lambda::LayerVersion and AWS::Lambda::LayerVersionPermission. */
import type { PublishLayerVersionRequest, PublishLayerVersionResponse } from '@aws-sdk/client-lambda';
import type { ResourceType } from '../../base/resource-type.ts';
import { invalidParameter } from './fault.ts';
import { layerArn, type LayerVersionReference, readLayerArn } from './layer-reference.ts';
import { unlessGone } from './resource-deletion.ts';

type LayerVersionProperties = Omit<PublishLayerVersionRequest, 'LayerName'> & { readonly LayerName?: string };

const MAX_NAME_CHARACTERS = 140;

export const layerVersionResource: ResourceType<LayerVersionProperties> = {
  type: 'AWS::Lambda::LayerVersion',

  async create(request) {
    const LayerName = request.properties.LayerName ?? request.physicalName(MAX_NAME_CHARACTERS);
    const input = { ...request.properties, LayerName };
    const made = await request.call<PublishLayerVersionResponse>('lambda', 'PublishLayerVersion', input);
    const arn = made.LayerVersionArn ?? '';
    return { physicalId: arn, attributes: { LayerVersionArn: arn } };
  },

  async delete(request, current) {
    const layer = readLayerArn(current.physicalId);
    if (layer === undefined) return;
    await unlessGone(() => request.call('lambda', 'DeleteLayerVersion', versionOf(layer)));
  },
};

interface LayerVersionPermissionProperties {
  readonly LayerVersionArn: string;
  readonly Action: string;
  readonly Principal: string;
  readonly OrganizationId?: string;
}

const MAX_STATEMENT_ID_CHARACTERS = 100;

export const layerVersionPermissionResource: ResourceType<LayerVersionPermissionProperties> = {
  type: 'AWS::Lambda::LayerVersionPermission',

  async create(request) {
    const { LayerVersionArn, ...statement } = request.properties;
    const layer = readLayerArn(LayerVersionArn);
    if (layer === undefined) throw invalidParameter(`Invalid layer version ARN: ${LayerVersionArn}`);
    const StatementId = request.physicalName(MAX_STATEMENT_ID_CHARACTERS);
    await request.call('lambda', 'AddLayerVersionPermission', {
      ...versionOf(layer),
      ...statement,
      StatementId,
    });
    const id = `${LayerVersionArn}#${StatementId}`;
    return { physicalId: id, attributes: { Id: id } };
  },

  async delete(request, current) {
    const [arn = '', StatementId] = current.physicalId.split('#');
    const layer = readLayerArn(arn);
    if (layer === undefined) return;
    await unlessGone(() =>
      request.call('lambda', 'RemoveLayerVersionPermission', { ...versionOf(layer), StatementId }),
    );
  },
};

const versionOf = (layer: LayerVersionReference) => ({
  LayerName: layerArn(layer.scope, layer.name),
  VersionNumber: layer.version,
});
