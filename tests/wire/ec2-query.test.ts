/** The EC2 query protocol, whose client is not served yet. */
import { describe, expect, test } from 'bun:test';
import { parseForm } from '../../src/wire/codecs/form.ts';
import { compileBindings } from '../../src/wire/http-bindings.ts';
import type { OperationPlan } from '../../src/wire/plan.ts';
import { ec2Query } from '../../src/wire/protocols/aws-query.ts';
import { operationsOf, type RawSchema, type SchemaModule } from '../../src/wire/schema.ts';

/** A schema in the clients' static form, as `@aws-sdk/client-ec2` writes it. */
describe('EC2 query', () => {
  const string: RawSchema = 0;
  const filter: RawSchema = [
    3,
    'ec2',
    'Filter',
    0,
    ['Name', 'Values'],
    [
      string,
      [[1, 'ec2', 'Values', 0, [string, { xmlName: 'item' }]], { ec2QueryName: 'Value', xmlName: 'Value' }],
    ],
  ];
  const filters: RawSchema = [1, 'ec2', 'Filters', 0, [filter, { xmlName: 'Filter' }]];
  const input: RawSchema = [
    3,
    'ec2',
    'In',
    0,
    ['Filters', 'dryRun', 'VpcIds'],
    [
      [filters, { xmlName: 'Filter', ec2QueryName: 'Filter' }],
      [2, { xmlName: 'dryRun', ec2QueryName: 'DryRun' }],
      [64, { xmlName: 'VpcId', ec2QueryName: 'VpcId' }],
    ],
  ];
  const vpc: RawSchema = [
    3,
    'ec2',
    'Vpc',
    0,
    ['VpcId', 'IsDefault'],
    [
      [string, { xmlName: 'vpcId' }],
      [2, { xmlName: 'isDefault' }],
    ],
  ];
  const output: RawSchema = [
    3,
    'ec2',
    'Out',
    0,
    ['Vpcs'],
    [[[1, 'ec2', 'Vpcs', 0, [vpc, { xmlName: 'item' }]], { xmlName: 'vpcSet' }]],
  ];
  const module: SchemaModule = { DescribeVpcs$: [9, 'ec2', 'DescribeVpcs', 0, () => input, () => output] };
  const schema = operationsOf(module).get('DescribeVpcs');
  if (schema === undefined) throw new Error('one operation');
  const row = {
    id: 'ec2',
    signingName: 'ec2',
    serviceId: 'EC2',
    endpointPrefix: 'ec2',
    apiVersion: '2016-11-15',
    protocol: 'ec2Query',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    loadSchemas: async () => module,
  } as const;
  const operation: OperationPlan = {
    ...schema,
    input: schema.input,
    output: schema.output,
    bindings: compileBindings(schema),
    streamsInput: false,
    service: { row, operations: new Map(), errors: new Map(), route: () => undefined },
  };

  test('input', () => {
    const head = {
      method: 'POST',
      target: '/',
      path: '/',
      rawQuery: '',
      query: [],
      headers: {},
      rawHeaders: [],
    };
    const text =
      'Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1=a&Filter.1.Value.2=b&DryRun=true&VpcId.2=y&VpcId.1=x';
    const received = { head, labels: {}, literals: [], body: new Uint8Array(), form: parseForm(text) };
    expect(ec2Query.decode(operation, received)).toEqual({
      Filters: [{ Name: 'vpc-id', Values: ['a', 'b'] }],
      dryRun: true,
      VpcIds: ['x', 'y'],
    });
  });

  test('output and error', () => {
    expect(ec2Query.encode(operation, { Vpcs: [{ VpcId: 'vpc-1', IsDefault: true }] }, 'id').body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>id</requestId><vpcSet><item><vpcId>vpc-1</vpcId><isDefault>true</isDefault></item></vpcSet></DescribeVpcsResponse>',
    );
    const error = {
      code: 'A',
      queryCode: 'InvalidVpcID.NotFound',
      message: 'no <vpc>',
      status: 400,
      sender: true,
      members: {},
      shape: undefined,
    };
    expect(ec2Query.encodeError(error, row, 'id').body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>no &lt;vpc&gt;</Message></Error></Errors><RequestID>id</RequestID></Response>',
    );
  });
});
