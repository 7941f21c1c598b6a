import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

const certificate = 'arn:aws:acm:eu-west-1:123456789012:certificate/1';
const regional = {
  domainName: 'api.example.com',
  regionalCertificateArn: certificate,
  endpointConfiguration: { types: ['REGIONAL' as const] },
};

async function mapped() {
  const plane = openControlPlane();
  const { restApiId } = await mockApi(plane);
  await plane.run.CreateDeployment({ restApiId, stageName: 'dev' }, CALL);
  await plane.run.CreateDomainName(regional, CALL);
  return { run: plane.run, restApiId, domainName: regional.domainName };
}

test('a regional name', async () => {
  const { run } = openControlPlane();
  expect(await run.CreateDomainName(regional, CALL)).toEqual({
    domainName: 'api.example.com',
    domainNameArn: 'arn:aws:apigateway:eu-west-1::/domainnames/api.example.com',
    regionalCertificateArn: certificate,
    regionalDomainName: expect.stringMatching(/^d-[a-z0-9]{10}\.execute-api\.eu-west-1\.amazonaws\.com$/),
    regionalHostedZoneId: 'ZLY8HYME6SFDD',
    endpointConfiguration: { types: ['REGIONAL'], ipAddressType: 'ipv4' },
    domainNameStatus: 'AVAILABLE',
    securityPolicy: 'TLS_1_2',
    routingMode: 'BASE_PATH_MAPPING_ONLY',
  });
});

test('an edge name has a distribution; moved to regional it has none', async () => {
  const { run } = openControlPlane();
  const domainName = 'api.example.com';
  // CloudFront takes its certificates from us-east-1.
  const certificateArn = certificate.replace('eu-west-1', 'us-east-1');
  await expect(run.CreateDomainName({ domainName, certificateArn: certificate }, CALL)).rejects.toThrow(
    "Certificate must be in 'us-east-1'.",
  );
  const edge = await run.CreateDomainName({ domainName, certificateArn }, CALL);
  expect(edge).toMatchObject({
    distributionDomainName: expect.stringMatching(/\.cloudfront\.net$/),
    distributionHostedZoneId: 'Z2FDTNDATAQYW2',
  });
  const patchOperations = [
    { op: 'replace', path: '/endpointConfiguration/types/EDGE', value: 'REGIONAL' },
    { op: 'replace', path: '/regionalCertificateArn', value: certificate },
    { op: 'replace', path: '/securityPolicy', value: 'SecurityPolicy_TLS13_1_3_2025_09' },
  ] as const;
  const moved = await run.UpdateDomainName({ domainName, patchOperations: [...patchOperations] }, CALL);
  expect(moved).toMatchObject({
    regionalCertificateArn: certificate,
    securityPolicy: 'SecurityPolicy_TLS13_1_3_2025_09',
  });
  expect(moved.distributionDomainName).toBeUndefined();
});

test('a private name has an id, and endpoints that may call it', async () => {
  const { run } = openControlPlane();
  const input = { domainName: 'in.example.com', certificateArn: certificate };
  const made = await run.CreateDomainName(
    { ...input, endpointConfiguration: { types: ['PRIVATE'] }, policy: '{}' },
    CALL,
  );
  expect(made).toMatchObject({
    domainNameArn: `arn:aws:apigateway:eu-west-1:123456789012:/domainnames/in.example.com+${made.domainNameId}`,
    endpointConfiguration: { types: ['PRIVATE'], ipAddressType: 'dualstack' },
  });
  const association = {
    domainNameArn: made.domainNameArn,
    accessAssociationSource: 'vpce-1',
    accessAssociationSourceType: 'VPCE',
  } as const;
  const linked = await run.CreateDomainNameAccessAssociation(association, CALL);
  expect(linked.domainNameAccessAssociationArn).toBe(
    `arn:aws:apigateway:eu-west-1:123456789012:/domainnameaccessassociations/domainname/in.example.com+${made.domainNameId}/vpcesource/vpce-1`,
  );
  const { domainNameAccessAssociationArn } = linked;
  await run.DeleteDomainNameAccessAssociation({ domainNameAccessAssociationArn }, CALL);
  expect((await run.GetDomainNameAccessAssociations({}, CALL)).items).toEqual([]);
});

test('base paths', async () => {
  const { run, restApiId, domainName } = await mapped();
  const stage = { restApiId, stage: 'dev' };
  expect(await run.CreateBasePathMapping({ domainName, ...stage }, CALL)).toEqual({
    basePath: '(none)',
    ...stage,
  });
  await run.CreateBasePathMapping({ domainName, basePath: 'v1', restApiId }, CALL);
  const patchOperations = [{ op: 'replace', path: '/basePath', value: 'v2' }] as const;
  await run.UpdateBasePathMapping(
    { domainName, basePath: 'v1', patchOperations: [...patchOperations] },
    CALL,
  );
  const list = async () => (await run.GetBasePathMappings({ domainName }, CALL)).items;
  expect(await list()).toEqual([
    { basePath: '(none)', ...stage },
    { basePath: 'v2', restApiId },
  ]);
  await run.DeleteBasePathMapping({ domainName, basePath: '(none)' }, CALL);
  expect(await list()).toEqual([{ basePath: 'v2', restApiId }]);
});

test('refusals around domains', async () => {
  const { run, restApiId, domainName } = await mapped();
  const mapping = { domainName, restApiId, stage: 'dev', basePath: 'v1' };
  await run.CreateBasePathMapping(mapping, CALL);
  const refused: [Promise<unknown>, string][] = [
    [
      run.CreateBasePathMapping(mapping, CALL),
      'ConflictException: Base path already exists for this domain name',
    ],
    [
      run.CreateBasePathMapping({ ...mapping, basePath: 'a/b' }, CALL),
      "BadRequestException: API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base path mapping, use API Gateway V2.",
    ],
    [
      run.CreateBasePathMapping({ ...mapping, basePath: 'x', restApiId: 'x' }, CALL),
      'BadRequestException: Invalid REST API identifier specified',
    ],
    [
      run.CreateBasePathMapping({ ...mapping, basePath: 'x', stage: 'x' }, CALL),
      'BadRequestException: Invalid stage identifier specified',
    ],
    [
      run.GetBasePathMapping({ domainName, basePath: 'x' }, CALL),
      'NotFoundException: Invalid base path mapping identifier specified',
    ],
    [
      run.GetDomainName({ domainName: 'no.example.com' }, CALL),
      'NotFoundException: Invalid domain name identifier specified',
    ],
    [
      run.CreateDomainName({ domainName: 'up.example.com', certificateBody: 'x' }, CALL),
      'BadRequestException: CreateDomainName: certificateBody (upload the certificate to ACM instead): not supported by gatehouse',
    ],
    [
      run.DeleteRestApi({ restApiId }, CALL),
      `BadRequestException: Deleting RestApi ${restApiId} failed. Please remove all base path mappings related to the RestApi in your domains: ${domainName}`,
    ],
    [
      run.DeleteStage({ restApiId, stageName: 'dev' }, CALL),
      `BadRequestException: Deleting stage dev failed. Please remove all base path mappings related to the stage in your domains: ${domainName}`,
    ],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});
