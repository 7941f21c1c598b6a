/** Settings that cannot be made here, whose only state is therefore the default. */
import type {
  GetUICustomizationRequest,
  DescribeRiskConfigurationRequest,
  GetLogDeliveryConfigurationRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../wire/service.ts';
import { needPool } from './places.ts';
import type { CognitoPorts } from './ports.ts';

export const defaultOperations = ({ store }: CognitoPorts) => ({
  DescribeRiskConfiguration: async (input: DescribeRiskConfigurationRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    return {
      RiskConfiguration: { UserPoolId: pool.id, ...(input.ClientId && { ClientId: input.ClientId }) },
    };
  },

  GetUICustomization: async (input: GetUICustomizationRequest, { scope }: Call) => {
    await needPool(store, scope, input.UserPoolId);
    return { UICustomization: {} };
  },

  GetLogDeliveryConfiguration: async (input: GetLogDeliveryConfigurationRequest, { scope }: Call) => {
    const pool = await needPool(store, scope, input.UserPoolId);
    return { LogDeliveryConfiguration: { UserPoolId: pool.id, LogConfigurations: [] } };
  },
});
