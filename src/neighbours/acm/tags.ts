/** Tags of certificates: https://docs.aws.amazon.com/acm/latest/userguide/tags.html */
import type {
  AddTagsToCertificateRequest,
  ListTagsForCertificateRequest,
  ListTagsForCertificateResponse,
  RemoveTagsFromCertificateRequest,
} from '@aws-sdk/client-acm';
import type { Call } from '../../wire/service.ts';
import { certificates, idOf, needCertificate } from './certificate-row.ts';
import type { AcmPorts } from './ports.ts';
import { checkedTags, tagList, tagRecord } from './tag-set.ts';

export const tagOperations = ({ store }: AcmPorts) => ({
  async AddTagsToCertificate({ CertificateArn, Tags }: AddTagsToCertificateRequest, { scope }: Call) {
    await store.transaction(async (rows) => {
      const row = await needCertificate(rows, scope, CertificateArn);
      const tags = checkedTags({ ...row.tags, ...tagRecord(Tags) });
      await rows.put(certificates, scope, idOf(row.arn), { ...row, tags });
    });
    return {};
  },

  /** A tag with a value goes only when it has that value. */
  async RemoveTagsFromCertificate(
    { CertificateArn, Tags = [] }: RemoveTagsFromCertificateRequest,
    { scope }: Call,
  ) {
    await store.transaction(async (rows) => {
      const row = await needCertificate(rows, scope, CertificateArn);
      const tags = { ...row.tags };
      for (const { Key = '', Value } of Tags)
        if (Value === undefined || tags[Key] === Value) delete tags[Key];
      await rows.put(certificates, scope, idOf(row.arn), { ...row, tags });
    });
    return {};
  },

  async ListTagsForCertificate(
    { CertificateArn }: ListTagsForCertificateRequest,
    { scope }: Call,
  ): Promise<ListTagsForCertificateResponse> {
    return { Tags: tagList((await needCertificate(store, scope, CertificateArn)).tags) };
  },
});
