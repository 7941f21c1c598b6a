/** Which service and operation a request is taken for. */
import { describe, expect, test } from 'bun:test';
import { credentialOf } from '../../src/wire/credential.ts';
import { readHead } from '../../src/wire/head.ts';
import { identify } from '../../src/wire/identify.ts';
import { loadService } from '../../src/wire/plan.ts';
import { scoped } from './testing.ts';

interface Row {
  readonly name: string;
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `service operation protocol` and the labels. */
  readonly is: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const signed = (service: string) => ({ authorization: scoped(service) });
const s3 = { host: '127.0.0.1:4566', ...signed('s3') };

const rows: readonly Row[] = [
  {
    name: 'DynamoDB by target, JSON 1.0',
    request: 'POST /',
    headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem', 'content-type': 'application/x-amz-json-1.0' },
    is: 'dynamodb PutItem awsJson1_0',
  },
  {
    name: 'Logs by target, JSON 1.1',
    request: 'POST /',
    headers: { 'x-amz-target': 'Logs_20140328.CreateLogGroup', 'content-type': 'application/x-amz-json-1.1' },
    is: 'logs CreateLogGroup awsJson1_1',
  },
  {
    name: 'CBOR by path',
    request: 'POST /service/DynamoDB_20120810/operation/GetItem',
    headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    is: 'dynamodb GetItem rpcv2Cbor',
  },
  {
    name: 'IAM by signature, parameters in the body',
    request: 'POST /',
    headers: { ...form, ...signed('iam') },
    body: 'Action=ListRoles&Version=2010-05-08',
    is: 'iam ListRoles awsQuery',
  },
  {
    name: 'STS unsigned, by version',
    request: 'POST /',
    headers: form,
    body: 'Action=AssumeRoleWithWebIdentity&Version=2011-06-15',
    is: 'sts AssumeRoleWithWebIdentity awsQuery',
  },
  {
    name: 'CloudFormation, parameters in the query',
    request: 'GET /?Action=ListStacks&Version=2010-05-15',
    headers: signed('cloudformation'),
    is: 'cloudformation ListStacks awsQuery',
  },
  {
    name: 'API Gateway version 1',
    request: 'POST /restapis',
    headers: signed('apigateway'),
    is: 'apigateway CreateRestApi restJson1',
  },
  {
    name: 'an import, by its query',
    request: 'POST /restapis?mode=import&failonwarnings=true',
    headers: signed('apigateway'),
    is: 'apigateway ImportRestApi restJson1',
  },
  {
    name: 'API Gateway version 2 has the same signing name',
    request: 'GET /v2/apis/abc/routes',
    headers: signed('apigateway'),
    is: 'apigatewayv2 GetRoutes restJson1',
    labels: { ApiId: 'abc' },
  },
  {
    name: 'unsigned, by path',
    request: 'GET /restapis/abc/resources/def/methods/GET',
    is: 'apigateway GetMethod restJson1',
    labels: { restApiId: 'abc', resourceId: 'def', httpMethod: 'GET' },
  },
  {
    name: 'an encoded ARN is one label',
    request: 'GET /tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fabc',
    headers: signed('apigateway'),
    is: 'apigateway GetTags restJson1',
    labels: { resourceArn: 'arn:aws:apigateway:us-east-1::/restapis/abc' },
  },
  {
    name: 'Lambda, with a trailing slash',
    request: 'GET /2015-03-31/functions/',
    headers: signed('lambda'),
    is: 'lambda ListFunctions restJson1',
  },
  {
    name: 'Lambda, without it',
    request: 'GET /2015-03-31/functions',
    headers: signed('lambda'),
    is: 'lambda ListFunctions restJson1',
  },
  {
    name: 'Lambda, unsigned, a function named by ARN',
    request: 'POST /2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations',
    is: 'lambda Invoke restJson1',
    labels: { FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:f' },
  },
  {
    name: 'Lambda layers by ARN',
    request: 'GET /2018-10-31/layers?find=LayerVersion&Arn=x',
    headers: signed('lambda'),
    is: 'lambda GetLayerVersionByArn restJson1',
  },
  { name: 'S3 buckets', request: 'GET /', headers: s3, is: 's3 ListBuckets restXml' },
  {
    name: 'S3 bucket in the path',
    request: 'PUT /b',
    headers: s3,
    is: 's3 CreateBucket restXml',
    labels: { Bucket: 'b' },
  },
  {
    name: 'S3 bucket in the host',
    request: 'PUT /',
    headers: { ...s3, host: 'my.bucket.s3.localhost:4566' },
    is: 's3 CreateBucket restXml',
    labels: { Bucket: 'my.bucket' },
  },
  {
    name: 'S3 bucket in a region’s host',
    request: 'GET /a%20b//c/',
    headers: { ...s3, host: 'b.s3.eu-west-1.amazonaws.com' },
    is: 's3 GetObject restXml',
    labels: { Bucket: 'b', Key: 'a b//c/' },
  },
  {
    name: 'S3 bucket before localhost, as SDKs without path style send it',
    request: 'GET /k',
    headers: { ...s3, host: 'b.localhost:4566' },
    is: 's3 GetObject restXml',
    labels: { Bucket: 'b', Key: 'k' },
  },
  {
    name: 'S3 list',
    request: 'GET /b?prefix=x',
    headers: s3,
    is: 's3 ListObjects restXml',
    labels: { Bucket: 'b' },
  },
  {
    name: 'S3 list 2',
    request: 'GET /b/?list-type=2',
    headers: s3,
    is: 's3 ListObjectsV2 restXml',
    labels: { Bucket: 'b' },
  },
  {
    name: 'S3 sub-resource',
    request: 'GET /b?versioning',
    headers: s3,
    is: 's3 GetBucketVersioning restXml',
  },
  {
    name: 'S3 versions',
    request: 'GET /b?versions&key-marker=',
    headers: s3,
    is: 's3 ListObjectVersions restXml',
  },
  {
    name: 'S3 configuration',
    request: 'GET /b?analytics&id=1',
    headers: s3,
    is: 's3 GetBucketAnalyticsConfiguration restXml',
  },
  {
    name: 'S3 configurations',
    request: 'GET /b?analytics',
    headers: s3,
    is: 's3 ListBucketAnalyticsConfigurations restXml',
  },
  { name: 'S3 batch delete', request: 'POST /b?delete', headers: s3, is: 's3 DeleteObjects restXml' },
  {
    name: 'S3 copy',
    request: 'PUT /b/k',
    headers: { ...s3, 'x-amz-copy-source': 'a/b' },
    is: 's3 CopyObject restXml',
  },
  { name: 'S3 part', request: 'PUT /b/k?partNumber=1&uploadId=u', headers: s3, is: 's3 UploadPart restXml' },
  {
    name: 'S3 part copy',
    request: 'PUT /b/k?partNumber=1&uploadId=u',
    headers: { ...s3, 'x-amz-copy-source': 'a/b' },
    is: 's3 UploadPartCopy restXml',
  },
  { name: 'S3 parts', request: 'GET /b/k?uploadId=u', headers: s3, is: 's3 ListParts restXml' },
  {
    name: 'S3 upload begun',
    request: 'POST /b/k?uploads',
    headers: s3,
    is: 's3 CreateMultipartUpload restXml',
  },
  {
    name: 'S3 upload done',
    request: 'POST /b/k?uploadId=u',
    headers: s3,
    is: 's3 CompleteMultipartUpload restXml',
  },
  {
    name: 'S3 upload given up',
    request: 'DELETE /b/k?uploadId=u',
    headers: s3,
    is: 's3 AbortMultipartUpload restXml',
  },
  {
    name: 'S3 version deleted',
    request: 'DELETE /b/k?versionId=v',
    headers: s3,
    is: 's3 DeleteObject restXml',
  },
  {
    name: 'S3 never deletes the bucket for a sub-resource',
    request: 'DELETE /b?versioning',
    headers: s3,
    is: 's3 none restXml',
  },
  {
    name: 'S3 presigned',
    request:
      'GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Feu-west-1%2Fs3%2Faws4_request',
    is: 's3 GetObject restXml',
  },
  {
    name: 'S3 presigned the old way, as boto3 does by default',
    request: 'GET /b/k?AWSAccessKeyId=test&Signature=x&Expires=1900000000',
    is: 's3 GetObject restXml',
  },
  { name: 'unsigned and nothing else: S3', request: 'GET /b/k', is: 's3 GetObject restXml' },
  {
    name: 'unsigned, by host',
    request: 'POST /2015-03-31/functions/f/invocations',
    headers: { host: 'lambda.us-east-1.amazonaws.com' },
    is: 'lambda Invoke restJson1',
  },
  {
    name: 'unsigned, a bucket called like a service',
    request: 'GET /k',
    headers: { host: 'lambda.s3.localhost:4566' },
    is: 's3 GetObject restXml',
    labels: { Bucket: 'lambda', Key: 'k' },
  },
  { name: 'a service nobody serves', request: 'GET /', headers: signed('glacier'), is: 'unknown glacier' },
  {
    name: 'a target nobody serves',
    request: 'POST /',
    headers: { 'x-amz-target': 'Firehose_20150804.PutRecord' },
    is: 'unknown Firehose_20150804',
  },
];

describe('identify', () => {
  for (const { name, request, headers = {}, body = '', is, labels } of rows)
    test(name, async () => {
      const [method = '', target = ''] = request.split(' ');
      const head = readHead(method, target, Object.entries(headers).flat());
      const found = await identify(head, credentialOf(head), async () => Buffer.from(body));
      if (found.kind === 'unknown') return expect(`unknown ${found.name}`).toBe(is);
      const plan = await loadService(found.row);
      const routed = found.operation === undefined ? plan.route(head) : undefined;
      const operation = found.operation ?? routed?.operation ?? 'none';
      expect(`${found.row.id} ${operation} ${found.protocol}`).toBe(is);
      if (labels !== undefined) expect(routed?.labels).toEqual(labels);
    });
});
