/** Identity providers: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-oidcprovider.html */
import type { ResourceType } from '../../../base/resource-type.ts';
import { changeTags, gone, iam, type Properties, tagsOf, textOf, textsOf, without } from './request.ts';

export const oidcProviderType: ResourceType<Properties> = {
  type: 'AWS::IAM::OIDCProvider',

  async create(request) {
    const { Url, ClientIdList, ThumbprintList } = request.properties;
    const made = await iam(request, 'CreateOpenIDConnectProvider', {
      Url,
      ClientIDList: textsOf(ClientIdList),
      ThumbprintList: textsOf(ThumbprintList),
      Tags: tagsOf(request),
    });
    const arn = textOf(made.OpenIDConnectProviderArn);
    return { physicalId: arn, attributes: { Arn: arn } };
  },

  async update(request, current) {
    const where = { OpenIDConnectProviderArn: current.physicalId };
    const [old, now] = [textsOf(current.properties.ClientIdList), textsOf(request.properties.ClientIdList)];
    const ThumbprintList = textsOf(request.properties.ThumbprintList);
    await iam(request, 'UpdateOpenIDConnectProviderThumbprint', { ...where, ThumbprintList });
    for (const ClientID of without(old, now))
      await iam(request, 'RemoveClientIDFromOpenIDConnectProvider', { ...where, ClientID });
    for (const ClientID of without(now, old))
      await iam(request, 'AddClientIDToOpenIDConnectProvider', { ...where, ClientID });
    await changeTags(request, 'OpenIDConnectProvider', where, current.properties);
    return current;
  },

  async delete(request, current) {
    const input = { OpenIDConnectProviderArn: current.physicalId };
    await gone(iam(request, 'DeleteOpenIDConnectProvider', input));
  },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-samlprovider.html */
export const samlProviderType: ResourceType<Properties> = {
  type: 'AWS::IAM::SAMLProvider',
  unsupported: ['AddPrivateKey', 'AssertionEncryptionMode', 'PrivateKeyList', 'RemovePrivateKey'],

  async create(request) {
    const { Name = request.physicalName(128), SamlMetadataDocument: SAMLMetadataDocument } =
      request.properties;
    const input = { Name, SAMLMetadataDocument, Tags: tagsOf(request) };
    const made = await iam(request, 'CreateSAMLProvider', input);
    const arn = textOf(made.SAMLProviderArn);
    return { physicalId: arn, attributes: { Arn: arn } };
  },

  async update(request, current) {
    const where = { SAMLProviderArn: current.physicalId };
    const { SamlMetadataDocument: SAMLMetadataDocument } = request.properties;
    await iam(request, 'UpdateSAMLProvider', { ...where, SAMLMetadataDocument });
    await changeTags(request, 'SAMLProvider', where, current.properties);
    return current;
  },

  async delete(request, current) {
    await gone(iam(request, 'DeleteSAMLProvider', { SAMLProviderArn: current.physicalId }));
  },
};
