/** S3's errors: code, text and status of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
import { Fault } from '../../base/fault.ts';

const fault = (code: string, message: string, status: number, members: Record<string, unknown> = {}): Fault =>
  new Fault(code, message, { status, members });

export const noSuchBucket = (BucketName: string): Fault =>
  fault('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName });
export const noSuchKey = (Key: string): Fault =>
  fault('NoSuchKey', 'The specified key does not exist.', 404, { Key });
export const noSuchVersion = (Key: string, VersionId: string): Fault =>
  fault('NoSuchVersion', 'The specified version does not exist.', 404, { Key, VersionId });
export const noSuchUpload = (UploadId: string): Fault =>
  fault(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId },
  );
export const bucketNotEmpty = (BucketName: string): Fault =>
  fault('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, { BucketName });
export const bucketAlreadyOwned = (BucketName: string): Fault =>
  fault(
    'BucketAlreadyOwnedByYou',
    'Your previous request to create the named bucket succeeded and you already own it.',
    409,
    { BucketName },
  );
export const bucketAlreadyExists = (BucketName: string): Fault =>
  fault(
    'BucketAlreadyExists',
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    409,
    { BucketName },
  );
export const invalidBucketName = (BucketName: string): Fault =>
  fault('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName });
export const accessDenied = (): Fault => fault('AccessDenied', 'Access Denied', 403);
export const preconditionFailed = (Condition: string): Fault =>
  fault('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition,
  });
export const notModified = (): Fault => fault('NotModified', 'Not Modified', 304);
export const invalidRange = (): Fault => fault('InvalidRange', 'The requested range is not satisfiable', 416);
export const badDigest = (): Fault =>
  fault('BadDigest', 'The Content-MD5 you specified did not match what we received.', 400);
export const badChecksum = (algorithm: string): Fault =>
  fault('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`, 400);
export const invalidArgument = (message: string): Fault => fault('InvalidArgument', message, 400);
export const invalidRequest = (message: string): Fault => fault('InvalidRequest', message, 400);
export const malformedXml = (): Fault =>
  fault(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
    400,
  );
export const invalidPart = (): Fault =>
  fault(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    400,
  );
export const invalidPartOrder = (): Fault =>
  fault(
    'InvalidPartOrder',
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    400,
  );
export const entityTooSmall = (): Fault =>
  fault('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400);
export const entityTooLarge = (): Fault =>
  fault('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400);
export const methodNotAllowed = (): Fault =>
  fault('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
export const keyTooLong = (): Fault => fault('KeyTooLongError', 'Your key is too long', 400);
export const metadataTooLarge = (): Fault =>
  fault('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', 400);
