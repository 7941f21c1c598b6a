/** KMS's own words. */
import { Fault } from '../../base/fault.ts';

export const notFound = (message: string): Fault => new Fault('NotFoundException', message);
export const noKey = (arn: string): Fault => notFound(`Key '${arn}' does not exist`);
export const noAlias = (arn: string): Fault => notFound(`Alias ${arn} is not found.`);
export const validation = (message: string): Fault => new Fault('ValidationException', message);
export const unsupported = (message: string): Fault => new Fault('UnsupportedOperationException', message);
export const badCiphertext = (): Fault => new Fault('InvalidCiphertextException', '');
export const wrongUsage = (arn: string, usage: string): Fault =>
  new Fault(
    'InvalidKeyUsageException',
    `${arn} key usage is ${usage} which is not valid for this operation.`,
  );
