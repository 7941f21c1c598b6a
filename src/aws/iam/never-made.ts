/** Lists of nouns that cannot be made here: nothing is in them, which callers who clean up want to hear. */
import type { Call, ServicePorts } from '../../wire/service.ts';
import { globalScope } from './scope.ts';
import { readUser } from './user-row.ts';

interface OfUser {
  readonly UserName?: string | undefined;
}

export const neverMadeOperations = (ports: ServicePorts) => {
  const checkUser = async ({ UserName }: OfUser, call: Call): Promise<void> => {
    if (UserName !== undefined) await readUser(ports.store, globalScope(call.scope.account), UserName);
  };
  return {
    ListMFADevices: async (input: OfUser, call: Call) => {
      await checkUser(input, call);
      return { MFADevices: [], IsTruncated: false };
    },
    ListSSHPublicKeys: async (input: OfUser, call: Call) => {
      await checkUser(input, call);
      return { SSHPublicKeys: [], IsTruncated: false };
    },
    ListSigningCertificates: async (input: OfUser, call: Call) => {
      await checkUser(input, call);
      return { Certificates: [], IsTruncated: false };
    },
    ListServiceSpecificCredentials: async (input: OfUser, call: Call) => {
      await checkUser(input, call);
      return { ServiceSpecificCredentials: [] };
    },
    ListVirtualMFADevices: async () => ({ VirtualMFADevices: [], IsTruncated: false }),
    ListServerCertificates: async () => ({ ServerCertificateMetadataList: [], IsTruncated: false }),
  };
};
