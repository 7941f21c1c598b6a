/** Client SDKs of an API: the types AWS offers are listed; JavaScript is made, every other is refused by name. */
import type {
  GetSdkRequest,
  GetSdkTypeRequest,
  GetSdkTypesRequest,
  SdkResponse,
  SdkType,
  SdkTypes,
} from '@aws-sdk/client-api-gateway';
import type { Call } from '../../wire/service.ts';
import { snapshots } from './deployment-row.ts';
import { badRequest, notFound, notSupported } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needStage } from './stage-row.ts';

const property = (name: string, friendlyName: string, required: boolean) => ({
  name,
  friendlyName,
  required,
});

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-generate-sdk.html */
const TYPES: readonly SdkType[] = [
  {
    id: 'android',
    friendlyName: 'Android',
    configurationProperties: [
      property('groupId', 'Group ID', true),
      property('artifactId', 'Artifact ID', true),
      property('artifactVersion', 'Artifact Version', true),
      property('invokerPackage', 'Invoker Package', true),
    ],
  },
  {
    id: 'java',
    friendlyName: 'Java SDK',
    configurationProperties: [
      property('service.name', 'Service Name', true),
      property('java.package-name', 'Java Package Name', true),
      property('java.build-system', 'Java Build System', false),
      property('java.group-id', 'Java Group ID', false),
      property('java.artifact-id', 'Java Artifact ID', false),
      property('java.artifact-version', 'Java Artifact Version', false),
    ],
  },
  { id: 'javascript', friendlyName: 'JavaScript', configurationProperties: [] },
  {
    id: 'objectivec',
    friendlyName: 'iOS (Objective-C)',
    configurationProperties: [property('classPrefix', 'Prefix', true)],
  },
  {
    id: 'swift',
    friendlyName: 'iOS (Swift)',
    configurationProperties: [property('classPrefix', 'Prefix', true)],
  },
  {
    id: 'ruby',
    friendlyName: 'Ruby',
    configurationProperties: [property('service.name', 'Service Name', true)],
  },
];

export const sdkOperations = (ports: ApiGatewayPorts) => ({
  GetSdkTypes: async (_input: GetSdkTypesRequest): Promise<SdkTypes> => ({ items: [...TYPES] }),

  GetSdkType: async (input: GetSdkTypeRequest): Promise<SdkType> => {
    const type = TYPES.find((one) => one.id === input.id);
    if (type === undefined) throw notFound('Invalid SDK type specified');
    return type;
  },

  GetSdk: async (input: GetSdkRequest, call: Call): Promise<SdkResponse> => {
    const stage = await needStage(ports.store, call.scope, input.restApiId, input.stageName);
    if (!TYPES.some(({ id }) => id === input.sdkType)) throw badRequest('Invalid SDK type specified');
    if (input.sdkType !== 'javascript') throw notSupported(`GetSdk (sdkType ${input.sdkType})`);
    const key = `${input.restApiId}/${stage.deploymentId}`;
    const definition = await ports.store.get(snapshots, call.scope, key);
    if (definition === undefined) throw new Error(`deployment ${key} has no snapshot`);
    const { javaScriptSdk } = await import('./java-script-sdk.ts');
    // The address is where this server answers for the API, so that the client works as it is made.
    const invokeUrl = `${call.endpoint}/_aws/execute-api/${input.restApiId}/${stage.stageName}`;
    return {
      body: await javaScriptSdk({ definition, invokeUrl, region: call.scope.region }),
      contentType: 'application/octet-stream',
      contentDisposition: `attachment; filename="javascript_${new Date(ports.now()).toISOString()}.zip"`,
    };
  },
});
