/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-model.html */
import type { ResourceType } from '../../../base/resource-type.ts';
import { scalarPatches } from '../../kit/patches-between.ts';
import { apiGateway, gone, type Properties, shaped, textOf } from './request.ts';

export const modelType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::Model',

  async create(request) {
    const { properties } = request;
    // Model names are letters and digits alone, so the hyphens of a generated name go.
    const name = textOf(properties['Name'] ?? request.physicalName().replaceAll(/[^a-zA-Z0-9]/g, ''));
    await apiGateway(request, 'CreateModel', {
      ...shaped(properties, 'RestApiId', 'Description'),
      contentType: properties['ContentType'] ?? 'application/json',
      schema: schemaText(properties['Schema']),
      name,
    });
    return { physicalId: name };
  },

  async update(request, current) {
    const after = { ...request.properties, Schema: schemaText(request.properties['Schema']) };
    const before = { ...current.properties, Schema: schemaText(current.properties['Schema']) };
    const patchOperations = scalarPatches(before, after, { Description: '/description', Schema: '/schema' });
    const model = { restApiId: request.properties['RestApiId'], modelName: current.physicalId };
    if (patchOperations.length > 0) await apiGateway(request, 'UpdateModel', { ...model, patchOperations });
    return current;
  },

  async delete(request, current) {
    const model = { restApiId: current.properties['RestApiId'], modelName: current.physicalId };
    await gone(apiGateway(request, 'DeleteModel', model));
  },
};

/** Seen: a model without a schema is made with an empty one. */
const schemaText = (schema: unknown): string =>
  typeof schema === 'string' ? schema : JSON.stringify(schema ?? {});
