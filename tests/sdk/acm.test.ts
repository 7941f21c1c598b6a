/** Certificates through the SDK's client, read by node's own X.509. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import * as acm from '@aws-sdk/client-acm';
import * as cfn from '@aws-sdk/client-cloudformation';
import { writeCertificate } from '../../src/neighbours/acm/write-certificate.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let client: acm.ACMClient;
let authority: X509Certificate;

beforeAll(async () => {
  client = new acm.ACMClient({ ...server.options(), maxAttempts: 1 });
  authority = new X509Certificate(await (await fetch(`${server.url}/_gatehouse/authority.pem`)).text());
});

const request = async (input: Partial<acm.RequestCertificateRequest> = {}): Promise<string> => {
  const whole = { DomainName: 'api.example.com', KeyAlgorithm: 'EC_prime256v1', ...input } as const;
  return (await client.send(new acm.RequestCertificateCommand(whole))).CertificateArn ?? '';
};

const describeOne = async (CertificateArn: string): Promise<acm.CertificateDetail> =>
  (await client.send(new acm.DescribeCertificateCommand({ CertificateArn }))).Certificate ?? {};

const pemOf = async (CertificateArn: string): Promise<string> =>
  (await client.send(new acm.GetCertificateCommand({ CertificateArn }))).Certificate ?? '';

const DAY_MS = 86_400_000;

/** A certificate that signs itself, and its key. */
function selfSigned(name: string, days = 30) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const subject = [['CN', name]] as const;
  const certificate = writeCertificate({
    serial: Buffer.of(7),
    subject,
    issuer: subject,
    notBeforeMs: Date.now() - 40 * DAY_MS,
    notAfterMs: Date.now() + days * DAY_MS,
    publicKey,
    issuerKey: publicKey,
    signingKey: privateKey,
    use: { kind: 'server', names: [name], addresses: [] },
  });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { Certificate: Buffer.from(certificate), PrivateKey: Buffer.from(key) };
}

describe('requested', () => {
  test('is issued at once, for every name, by the local authority', async () => {
    const arn = await request({ SubjectAlternativeNames: ['www.example.com'], ValidationMethod: 'DNS' });
    const certificate = new X509Certificate(await pemOf(arn));
    expect(certificate.subjectAltName).toBe('DNS:api.example.com, DNS:www.example.com');
    expect(certificate.checkIssued(authority) && certificate.verify(authority.publicKey)).toBe(true);
    expect(await describeOne(arn)).toMatchObject({
      CertificateArn: arn,
      Status: 'ISSUED',
      Type: 'AMAZON_ISSUED',
      DomainName: 'api.example.com',
      SubjectAlternativeNames: ['api.example.com', 'www.example.com'],
      KeyAlgorithm: 'EC_prime256v1',
      SignatureAlgorithm: 'SHA256WITHECDSA',
      KeyUsages: [{ Name: 'DIGITAL_SIGNATURE' }, { Name: 'KEY_ENCIPHERMENT' }],
      ExtendedKeyUsages: [
        { Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' },
        { Name: 'TLS_WEB_CLIENT_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.2' },
      ],
      InUseBy: [],
      RenewalEligibility: 'INELIGIBLE',
    });
  });

  test('the records that DNS would need: a name and its wildcard share one', async () => {
    const arn = await request({ SubjectAlternativeNames: ['*.api.example.com'], ValidationMethod: 'DNS' });
    const [own, wild] = (await describeOne(arn)).DomainValidationOptions ?? [];
    expect(own).toMatchObject({
      DomainName: 'api.example.com',
      ValidationStatus: 'SUCCESS',
      ValidationMethod: 'DNS',
      ResourceRecord: {
        Name: expect.stringMatching(/^_[0-9a-f]{32}\.api\.example\.com\.$/),
        Type: 'CNAME',
        Value: expect.stringMatching(/^_[0-9a-f]{32}\.\w+\.acm-validations\.aws\.$/),
      },
    });
    expect(wild?.ResourceRecord).toEqual(own?.ResourceRecord);
  });

  test('by mail, which is the default', async () => {
    const options = [{ DomainName: 'api.example.com', ValidationDomain: 'example.com' }];
    const arn = await request({ DomainValidationOptions: options });
    expect((await describeOne(arn)).DomainValidationOptions).toMatchObject([
      { ValidationMethod: 'EMAIL', ValidationEmails: expect.arrayContaining(['admin@example.com']) },
    ]);
  });

  test('RSA unless told otherwise', async () => {
    const arn = await request({ KeyAlgorithm: undefined });
    expect((await describeOne(arn)).KeyAlgorithm).toBe('RSA_2048');
  });

  test('the same token is the same certificate, also at the same time', async () => {
    const arns = await Promise.all([1, 2, 3].map(() => request({ IdempotencyToken: 'once' })));
    expect(new Set(arns).size).toBe(1);
    expect(await request({ IdempotencyToken: 'twice' })).not.toBe(arns[0]);
  });

  test.each([
    [{ CertificateAuthorityArn: 'arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/1' }],
    [{ ValidationMethod: 'HTTP' as const }],
    [{ KeyAlgorithm: 'RSA_4096' as const }],
  ])('refused by name: %j', async (input) => {
    await expect(request(input)).rejects.toThrow(/not supported/);
  });

  test('renewed under its ARN, with new keys', async () => {
    const arn = await request();
    const before = new X509Certificate(await pemOf(arn));
    await client.send(new acm.RenewCertificateCommand({ CertificateArn: arn }));
    const after = new X509Certificate(await pemOf(arn));
    expect(after.serialNumber).not.toBe(before.serialNumber);
    expect((await describeOne(arn)).RenewalSummary?.RenewalStatus).toBe('SUCCESS');
  });

  test('exported only when it was requested so', async () => {
    const Passphrase = Buffer.from('secret words');
    const shut = await request();
    await expect(
      client.send(new acm.ExportCertificateCommand({ CertificateArn: shut, Passphrase })),
    ).rejects.toThrow('is not a private certificate');
    const CertificateArn = await request({ Options: { Export: 'ENABLED' } });
    const out = await client.send(new acm.ExportCertificateCommand({ CertificateArn, Passphrase }));
    const key = createPrivateKey({ key: out.PrivateKey ?? '', passphrase: Passphrase });
    expect(new X509Certificate(out.Certificate ?? '').checkPrivateKey(key)).toBe(true);
  });
});

describe('imported', () => {
  test('and imported again under its ARN', async () => {
    const first = await client.send(new acm.ImportCertificateCommand(selfSigned('in.example.com')));
    const CertificateArn = first.CertificateArn ?? '';
    expect(await describeOne(CertificateArn)).toMatchObject({
      Type: 'IMPORTED',
      Status: 'ISSUED',
      DomainName: 'in.example.com',
      Serial: '07',
      RenewalEligibility: 'INELIGIBLE',
    });
    const next = selfSigned('in2.example.com');
    await client.send(new acm.ImportCertificateCommand({ CertificateArn, ...next }));
    expect((await describeOne(CertificateArn)).DomainName).toBe('in2.example.com');
  });

  test.each([
    ['another key', { ...selfSigned('a.example.com'), PrivateKey: selfSigned('b.example.com').PrivateKey }],
    ['expired', selfSigned('old.example.com', -1)],
    ['no certificate', { ...selfSigned('a.example.com'), Certificate: Buffer.from('hello') }],
    [
      'a chain that does not fit',
      { ...selfSigned('a.example.com'), CertificateChain: selfSigned('c.example.com').Certificate },
    ],
  ])('refused: %s', async (_name, input) => {
    await expect(client.send(new acm.ImportCertificateCommand(input))).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

test('listed with filters and pages', async () => {
  const keyTypes = ['EC_secp384r1' as const];
  const arns = [1, 2, 3].map(() => request({ KeyAlgorithm: 'EC_secp384r1' }));
  await Promise.all(arns);
  const first = await client.send(new acm.ListCertificatesCommand({ Includes: { keyTypes }, MaxItems: 2 }));
  expect(first.CertificateSummaryList).toHaveLength(2);
  const { NextToken } = first;
  const rest = await client.send(new acm.ListCertificatesCommand({ Includes: { keyTypes }, NextToken }));
  expect(rest.CertificateSummaryList).toHaveLength(1);
  const usual = await client.send(new acm.ListCertificatesCommand({}));
  expect(usual.CertificateSummaryList?.every(({ KeyAlgorithm }) => KeyAlgorithm?.startsWith('RSA'))).toBe(
    true,
  );
});

test('tags', async () => {
  const CertificateArn = await request({ Tags: [{ Key: 'team', Value: 'a' }] });
  const add = new acm.AddTagsToCertificateCommand({ CertificateArn, Tags: [{ Key: 'env', Value: 'dev' }] });
  await client.send(add);
  await client.send(new acm.RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'team' }] }));
  const { Tags } = await client.send(new acm.ListTagsForCertificateCommand({ CertificateArn }));
  expect(Tags).toEqual([{ Key: 'env', Value: 'dev' }]);
});

test('gone is gone', async () => {
  const CertificateArn = await request();
  await client.send(new acm.DeleteCertificateCommand({ CertificateArn }));
  await expect(describeOne(CertificateArn)).rejects.toThrow(
    `Could not find certificate ${CertificateArn} in account 123456789012.`,
  );
});

test('CloudFormation makes one, and a domain name with it', async () => {
  const stacks = new cfn.CloudFormationClient({ ...server.options(), maxAttempts: 1 });
  const template = {
    Resources: {
      Certificate: {
        Type: 'AWS::CertificateManager::Certificate',
        Properties: {
          DomainName: 'stack.example.com',
          ValidationMethod: 'DNS',
          DomainValidationOptions: [{ DomainName: 'stack.example.com', HostedZoneId: 'Z1' }],
        },
      },
      Domain: {
        Type: 'AWS::ApiGateway::DomainName',
        Properties: {
          DomainName: 'stack.example.com',
          RegionalCertificateArn: { Ref: 'Certificate' },
          EndpointConfiguration: { Types: ['REGIONAL'] },
        },
      },
    },
    Outputs: { Arn: { Value: { Ref: 'Certificate' } } },
  };
  const StackName = 'certified';
  await stacks.send(new cfn.CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  await cfn.waitUntilStackCreateComplete({ client: stacks, maxWaitTime: 20, minDelay: 1 }, { StackName });
  const { Stacks = [] } = await stacks.send(new cfn.DescribeStacksCommand({ StackName }));
  const arn = Stacks[0]?.Outputs?.[0]?.OutputValue ?? '';
  expect((await describeOne(arn)).InUseBy).toHaveLength(1);
  await stacks.send(new cfn.DeleteStackCommand({ StackName }));
  await cfn.waitUntilStackDeleteComplete({ client: stacks, maxWaitTime: 20, minDelay: 1 }, { StackName });
  await expect(describeOne(arn)).rejects.toThrow('Could not find');
});
