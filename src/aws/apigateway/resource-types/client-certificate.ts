/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-clientcertificate.html */
import type { ClientCertificate } from '@aws-sdk/client-api-gateway';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceType } from '../../../base/resource-type.ts';
import { scalarPatches } from '../../kit/patches-between.ts';
import { apiGateway, changeTags, gone, type Properties, shaped, tagsOf, textOf } from './request.ts';

export const clientCertificateType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::ClientCertificate',

  async create(request) {
    const { clientCertificateId } = await apiGateway<ClientCertificate>(
      request,
      'GenerateClientCertificate',
      {
        ...shaped(request.properties, 'Description'),
        tags: tagsOf(request),
      },
    );
    return {
      physicalId: textOf(clientCertificateId),
      attributes: { ClientCertificateId: clientCertificateId },
    };
  },

  async update(request, current) {
    const clientCertificateId = current.physicalId;
    const paths = { Description: '/description' };
    const patchOperations = scalarPatches(current.properties, request.properties, paths);
    if (patchOperations.length > 0)
      await apiGateway(request, 'UpdateClientCertificate', { clientCertificateId, patchOperations });
    const path = `/clientcertificates/${clientCertificateId}`;
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', path);
    await changeTags(request, arn, current.properties['Tags']);
    return current;
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteClientCertificate', { clientCertificateId: current.physicalId }));
  },
};
