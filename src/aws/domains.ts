import { GetDomainNameCommand, NotFoundException } from '@aws-sdk/client-apigatewayv2'
import type { Outside } from '../flows/world.ts'
import { canonical } from './record-sets.ts'
import type { Site } from './site.ts'

/**
 * API Gateway: whether a side has the custom domains its records need. Available means that the domain serves, and that
 * its own name is the record's target on that side.
 */
export function domains(site: Site): Outside['dns']['domains'] {
  return (side) =>
    site.look('API Gateway', side, (budget) => {
      const gateway = site.client('gateway', side, 'probe')
      const named = site.plan.dns.records.flatMap((record) =>
        record.apiGatewayDomain ? [{ name: record.apiGatewayDomain, target: record.targets[side] }] : [],
      )
      const looks = named.map(async ({ name, target }) => {
        try {
          const command = new GetDomainNameCommand({ DomainName: name })
          const { DomainNameConfigurations = [] } = await gateway.send(command, budget)
          const serving = DomainNameConfigurations.some(
            (config) =>
              config.DomainNameStatus === 'AVAILABLE' &&
              canonical(config.ApiGatewayDomainName ?? '') === canonical(target.dnsName),
          )
          return { name, available: serving }
        } catch (error) {
          if (error instanceof NotFoundException) return { name, available: false }
          throw error
        }
      })
      return Promise.all(looks)
    })
}
