import { expect, test } from 'bun:test';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { CALL, openControlPlane, refusal, SCOPE } from './testing/control-plane.ts';
import { needCertificate } from './client-certificate.ts';

test('a certificate that OpenSSL reads, signed by the key the gateway keeps', async () => {
  const { run, ports } = openControlPlane();
  const made = await run.GenerateClientCertificate({ description: 'mine' }, CALL);
  const certificate = new X509Certificate(made.pemEncodedCertificate ?? '');
  expect(certificate.subject).toBe('CN=ApiGateway');
  expect(Date.parse(certificate.validTo)).toBe(made.expirationDate?.getTime() ?? 0);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const { privateKeyPem } = await needCertificate(ports.store, SCOPE, made.clientCertificateId);
  expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
  expect(JSON.stringify(made)).not.toContain('PRIVATE KEY');
});

test('changed and removed', async () => {
  const { run } = openControlPlane();
  const { clientCertificateId } = await run.GenerateClientCertificate({}, CALL);
  const patchOperations = [{ op: 'replace', path: '/description', value: 'x' }] as const;
  const changed = await run.UpdateClientCertificate(
    { clientCertificateId, patchOperations: [...patchOperations] },
    CALL,
  );
  expect(changed).toMatchObject({ description: 'x', tags: {} });
  await run.DeleteClientCertificate({ clientCertificateId }, CALL);
  expect(await refusal(run.GetClientCertificate({ clientCertificateId }, CALL))).toBe(
    'NotFoundException: Invalid Client Certificate identifier specified',
  );
});
