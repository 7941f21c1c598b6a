/** Client SDKs of an API: the types AWS offers are listed, making one is refused by name. */
import type {
  GetSdkRequest,
  GetSdkTypeRequest,
  GetSdkTypesRequest,
  SdkResponse,
  SdkType,
  SdkTypes,
} from '@aws-sdk/client-api-gateway';
import type { Call } from '../../wire/service.ts';
import { notFound, notSupported } from './faults.ts';
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
    await needStage(ports.store, call.scope, input.restApiId, input.stageName);
    throw notSupported(`GetSdk (sdkType ${input.sdkType})`);
  },
});
