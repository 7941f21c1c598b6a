/** Services by the prefix of their IAM actions, where it is not the wire's id. */
const PREFIXES: Readonly<Record<string, string>> = {
  apigatewayv2: 'apigateway',
  stepfunctions: 'states',
  dynamodbstreams: 'dynamodb',
  elbv2: 'elasticloadbalancing',
  apigatewaymanagementapi: 'execute-api',
  resourcegroupstaggingapi: 'tag',
};

export const prefixOf = (serviceId: string): string => PREFIXES[serviceId] ?? serviceId;
