/** Lambda: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
import { arnOf, parseArn } from '../../../base/arn.ts';
import {
  type AccessCall,
  fieldsOf,
  listOf,
  type Requirement,
  type Rule,
  type ServiceRules,
  textOf,
} from '../requirement.ts';

/** `orders`, `orders:live`, `123456789012:function:orders` or the ARN; the qualifier may come beside it. */
function functionArn({ input, scope }: AccessCall, qualified: boolean): string {
  const named = textOf(input['FunctionName']);
  if (named === undefined) return '*';
  const given = parseArn(named)?.resource ?? named;
  const parts = given
    .replace(/^\d{12}:/, '')
    .replace(/^function:/, '')
    .split(':');
  const account = parseArn(named)?.account ?? /^(\d{12}):/.exec(named)?.[1] ?? scope.account;
  const region = parseArn(named)?.region || scope.region;
  const qualifier = qualified ? (textOf(input['Qualifier']) ?? parts[1]) : undefined;
  return arnOf(
    { account, region },
    'lambda',
    `function:${parts[0]}${qualifier === undefined ? '' : `:${qualifier}`}`,
  );
}

const invoke: Rule = (call) => [
  { action: 'lambda:InvokeFunction', resources: [functionArn(call, true)], context: keysOf(call) },
];

const onFunction =
  (action: string, qualified = true): Rule =>
  (call) => [
    { action: `lambda:${action}`, resources: [functionArn(call, qualified)], context: keysOf(call) },
    ...layers(call),
  ];

function keysOf({ input }: AccessCall): Record<string, string | readonly string[]> {
  const vpc = fieldsOf(input['VpcConfig']);
  const keys: Record<string, string | readonly string[]> = {};
  const layerArns = listOf(input['Layers']).filter((layer) => typeof layer === 'string');
  const put = (key: string, value: unknown): void => {
    if (typeof value === 'string') keys[key] = value;
    else if (Array.isArray(value)) keys[key] = value.filter((one): one is string => typeof one === 'string');
  };
  if (layerArns.length > 0) put('lambda:Layer', layerArns);
  put('lambda:SubnetIds', vpc?.['SubnetIds']);
  put('lambda:SecurityGroupIds', vpc?.['SecurityGroupIds']);
  put('lambda:CodeSigningConfigArn', input['CodeSigningConfigArn']);
  put('lambda:Principal', input['Principal']);
  put('lambda:FunctionUrlAuthType', input['FunctionUrlAuthType'] ?? input['AuthType']);
  return keys;
}

/** Whoever gives a function a layer must be able to read it. */
function layers({ input }: AccessCall): Requirement[] {
  const resources = listOf(input['Layers']).filter((layer): layer is string => typeof layer === 'string');
  return resources.length === 0 ? [] : [{ action: 'lambda:GetLayerVersion', resources }];
}

function layerVersion(action: string): Rule {
  return ({ input, scope }) => {
    const named = textOf(input['LayerName']) ?? '*';
    const arn = named.startsWith('arn:') ? named : arnOf(scope, 'lambda', `layer:${named}`);
    return [{ action: `lambda:${action}`, resources: [`${arn}:${String(input['VersionNumber'])}`] }];
  };
}

/** The mapping itself is named by its id; the function it feeds is a condition key. */
const eventSourceMapping =
  (action: string): Rule =>
  async (call) => {
    const { input, scope, lookUp } = call;
    const id = textOf(input['UUID']);
    const known =
      id === undefined ? undefined : await lookUp('lambda', 'GetEventSourceMapping', { UUID: id });
    const fed =
      textOf(known?.['FunctionArn']) ??
      (input['FunctionName'] === undefined ? undefined : functionArn(call, true));
    return [
      {
        action: `lambda:${action}`,
        resources: [id === undefined ? '*' : arnOf(scope, 'lambda', `event-source-mapping:${id}`)],
        ...(fed === undefined ? {} : { context: { 'lambda:FunctionArn': fed } }),
      },
    ];
  };

const unqualified = ['CreateFunction', 'DeleteFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration'];
const qualified = [
  'AddPermission',
  'RemovePermission',
  'GetPolicy',
  'GetFunction',
  'GetFunctionConfiguration',
  'CreateFunctionUrlConfig',
  'UpdateFunctionUrlConfig',
  'DeleteFunctionUrlConfig',
  'GetFunctionUrlConfig',
  'PutFunctionEventInvokeConfig',
  'UpdateFunctionEventInvokeConfig',
  'DeleteFunctionEventInvokeConfig',
  'GetFunctionEventInvokeConfig',
  'PutProvisionedConcurrencyConfig',
  'DeleteProvisionedConcurrencyConfig',
  'GetProvisionedConcurrencyConfig',
];
/** About the function, whatever they name of it. */
const ofFunction = [
  'CreateAlias',
  'UpdateAlias',
  'DeleteAlias',
  'GetAlias',
  'ListAliases',
  'ListVersionsByFunction',
  'ListFunctionUrlConfigs',
  'ListFunctionEventInvokeConfigs',
  'ListProvisionedConcurrencyConfigs',
  'PublishVersion',
  'PutFunctionConcurrency',
  'DeleteFunctionConcurrency',
  'GetFunctionConcurrency',
  'GetFunctionCodeSigningConfig',
  'PutFunctionCodeSigningConfig',
  'DeleteFunctionCodeSigningConfig',
  'GetRuntimeManagementConfig',
  'PutRuntimeManagementConfig',
  'GetFunctionRecursionConfig',
  'PutFunctionRecursionConfig',
];

export const lambdaRules: ServiceRules = {
  members: { CodeSigningConfigId: ['CodeSigningConfigArn'], LayerName: ['LayerName'] },
  operations: {
    Invoke: invoke,
    InvokeAsync: invoke,
    InvokeWithResponseStream: invoke,
    ...Object.fromEntries([...unqualified, ...ofFunction].map((name) => [name, onFunction(name, false)])),
    ...Object.fromEntries(qualified.map((name) => [name, onFunction(name)])),
    CreateEventSourceMapping: eventSourceMapping('CreateEventSourceMapping'),
    UpdateEventSourceMapping: eventSourceMapping('UpdateEventSourceMapping'),
    DeleteEventSourceMapping: eventSourceMapping('DeleteEventSourceMapping'),
    GetEventSourceMapping: eventSourceMapping('GetEventSourceMapping'),
    GetLayerVersion: layerVersion('GetLayerVersion'),
    GetLayerVersionPolicy: layerVersion('GetLayerVersionPolicy'),
    DeleteLayerVersion: layerVersion('DeleteLayerVersion'),
    AddLayerVersionPermission: layerVersion('AddLayerVersionPermission'),
    RemoveLayerVersionPermission: layerVersion('RemoveLayerVersionPermission'),
    GetLayerVersionByArn: ({ input }) => [
      { action: 'lambda:GetLayerVersion', resources: [textOf(input['Arn']) ?? '*'] },
    ],
  },
};
