/** The words of validation errors, and that every pattern of the data has an equivalent of ours. */
import { describe, expect, test } from 'bun:test';
import { isFault } from '../../src/base/fault.ts';
import { loadChecks } from '../../src/wire/constraints/load.ts';
import type { ConstraintData } from '../../src/wire/constraints/data.ts';
import { javaPattern } from '../../src/wire/constraints/java-pattern.ts';
import { policyOf } from '../../src/wire/constraints/policy.ts';
import { services } from '../../src/wire/services.ts';

interface Row {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  /** Absent: nothing is wrong. */
  readonly code?: string;
  readonly text?: string;
}

const NAME = 'Member must satisfy regular expression pattern:';
const rows: readonly Row[] = [
  {
    service: 'dynamodb',
    operation: 'PutItem',
    input: { Item: {} },
    code: 'ValidationException',
    text: "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
  },
  {
    service: 'dynamodb',
    operation: 'PutItem',
    input: { TableName: '', Item: {} },
    code: 'ValidationException',
    text: "1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1",
  },
  { service: 'dynamodb', operation: 'PutItem', input: { TableName: 'orders', Item: { id: { S: '' } } } },
  {
    service: 'dynamodb',
    operation: 'CreateTable',
    input: { AttributeDefinitions: [], KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }] },
    code: 'ValidationException',
    text: "The parameter 'TableName' is required but was not present in the request",
  },
  {
    service: 'dynamodb',
    operation: 'CreateTable',
    input: {
      TableName: 't-1',
      AttributeDefinitions: [{}],
      KeySchema: [{ AttributeName: 'a', KeyType: 'X' }],
    },
    code: 'ValidationException',
    text:
      "3 validation errors detected: Value 'X' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must satisfy enum value set: [HASH, RANGE]; " +
      "Value null at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must not be null; " +
      "Value null at 'attributeDefinitions.1.member.attributeName' failed to satisfy constraint: Member must not be null",
  },
  {
    service: 'dynamodb',
    operation: 'BatchWriteItem',
    input: { RequestItems: { orders: [] } },
    code: 'ValidationException',
    text: "1 validation error detected: Value '{orders=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]",
  },
  {
    service: 'dynamodb',
    operation: 'BatchGetItem',
    input: { RequestItems: { orders: { Keys: [] } } },
    code: 'ValidationException',
    text: "1 validation error detected: Value '[]' at 'requestItems.orders.member.keys' failed to satisfy constraint: Member must have length greater than or equal to 1",
  },
  {
    service: 'dynamodb',
    operation: 'ListTables',
    input: { Limit: 0 },
    code: 'ValidationException',
    text: "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
  },
  {
    service: 'logs',
    operation: 'CreateLogGroup',
    input: { logGroupName: 'a b' },
    code: 'InvalidParameterException',
    text: `1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: ${NAME} [\\.\\-_/#A-Za-z0-9]+`,
  },
  {
    service: 'lambda',
    operation: 'CreateFunction',
    input: { FunctionName: 'f', Role: '', Code: {}, Runtime: 'nodejs1.x', Handler: 'index.handler' },
    code: 'ValidationException',
    text: `1 validation error detected: Value '' at 'role' failed to satisfy constraint: ${NAME} arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+`,
  },
  {
    service: 'lambda',
    operation: 'UpdateAlias',
    input: { FunctionName: 'f', Name: 'live', RoutingConfig: { AdditionalVersionWeights: { 2: 1.5 } } },
    code: 'ValidationException',
    text: "1 validation error detected: Value '{2=1.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0]",
  },
  {
    service: 'iam',
    operation: 'CreateRole',
    input: { RoleName: 'a role', AssumeRolePolicyDocument: '{}' },
    code: 'ValidationError',
    text: 'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
  },
  {
    service: 'iam',
    operation: 'CreateRole',
    input: { RoleName: 'r'.repeat(65), AssumeRolePolicyDocument: '{}' },
    code: 'ValidationError',
    text: `1 validation error detected: Value '${'r'.repeat(65)}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
  },
  {
    service: 'iam',
    operation: 'CreateRole',
    input: { RoleName: 'r', AssumeRolePolicyDocument: '{}', Tags: [{ Key: '', Value: 'v' }] },
    code: 'ValidationError',
    text:
      `2 validation errors detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: ${NAME} [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+; ` +
      "Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
  },
  {
    service: 'cloudformation',
    operation: 'CreateStack',
    input: { StackName: '0stack' },
    code: 'ValidationError',
    text: `1 validation error detected: Value '0stack' at 'stackName' failed to satisfy constraint: ${NAME} [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*`,
  },
  {
    service: 'apigateway',
    operation: 'PutIntegration',
    input: { restApiId: 'a', resourceId: 'b', httpMethod: 'GET', type: 'FOO' },
    code: 'ValidationException',
    text: "1 validation error detected: Value 'FOO' at 'putIntegrationInput.type' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, AWS, MOCK, HTTP_PROXY, AWS_PROXY]",
  },
];

describe('validation', () => {
  for (const { service, operation, input, code, text } of rows)
    test(`${service} ${operation} ${JSON.stringify(input).slice(0, 80)}`, async () => {
      const check = await loadChecks(service);
      let thrown: unknown;
      try {
        check(operation, input);
      } catch (error) {
        thrown = error;
      }
      expect(isFault(thrown) ? { code: thrown.code, text: thrown.message } : {}).toEqual(
        code === undefined ? {} : { code, text: text ?? '' },
      );
    });
});

describe('data', () => {
  for (const { id, loadSchemas } of services) {
    if (policyOf(id) === undefined) continue;
    test(`${id}: patterns compile, operations are the client's`, async () => {
      const file = (await import(`../../src/wire/constraints/data/${id}.json`)) as {
        default: ConstraintData;
      };
      for (const { pattern } of Object.values(file.default.shapes))
        if (pattern !== undefined) expect(javaPattern(pattern)).toBeInstanceOf(RegExp);
      const module = await loadSchemas();
      for (const operation of Object.keys(file.default.operations))
        expect(module).toHaveProperty(`${operation}$`);
    });
  }
});
