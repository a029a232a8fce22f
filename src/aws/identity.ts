import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { Outside } from '../flows/world.ts'
import type { Site } from './site.ts'

/** STS: whose account the workload credentials really are. */
export function identity(site: Site): Outside['identity'] {
  return {
    account: (side) =>
      site.look('STS', side, async (budget) => {
        const { Account } = await site
          .client('sts', side, 'probe')
          .send(new GetCallerIdentityCommand({}), budget)
        return Account ?? 'unknown'
      }),
  }
}
