import * as api from '@aws-sdk/client-apigatewayv2'
import { WireError } from '../wire/failure.ts'
import type { Handlers } from '../wire/service.ts'
import { publicName, stackName, targets } from './dns.ts'
import { page, withTokens } from './page.ts'
import { hex } from './random.ts'
import { accounts, type Side, sideOf, type World } from './world.ts'

/** API Gateway v2: the custom domains of `orders`, which exist in both regions. */
export function apiHandlers(world: World): Handlers<typeof api> {
  const domains = (region: string) => {
    const side = sideOf(region)
    const bare = (name: string) => name.slice(0, -1)
    if (!side) return []
    return [publicName('orders'), stackName('orders', side)].map((name) =>
      describe(world, bare(name), side, region),
    )
  }
  return {
    GetDomainName: (input, call) => {
      const found = domains(call.region).find(
        ({ DomainName }) => DomainName === input.DomainName?.toLowerCase(),
      )
      if (found) return found
      const message = 'Invalid domain name identifier specified'
      throw new api.NotFoundException({ Message: message, message, $metadata: {} })
    },
    GetDomainNames: (input, call) => {
      const size = input.MaxResults === undefined ? 25 : Number(input.MaxResults)
      if (!Number.isInteger(size) || size < 1)
        throw new WireError('BadRequestException', 'MaxResults must be a positive integer.')
      const { items, next } = withTokens('BadRequestException', 'Invalid NextToken', () =>
        page(domains(call.region), ({ DomainName }) => DomainName, { token: input.NextToken, size }),
      )
      return { Items: items, NextToken: next }
    },
  }
}

function describe(world: World, DomainName: string, side: Side, region: string) {
  const target = targets.orders[side]
  return {
    DomainName,
    DomainNameArn: `arn:aws:apigateway:${region}::/domainnames/${DomainName}`,
    ApiMappingSelectionExpression: '$request.basepath',
    DomainNameConfigurations: [
      {
        ApiGatewayDomainName: target.dnsName,
        HostedZoneId: target.hostedZoneId,
        EndpointType: 'REGIONAL' as const,
        DomainNameStatus: 'AVAILABLE' as const,
        SecurityPolicy: 'TLS_1_2' as const,
        CertificateArn: `arn:aws:acm:${region}:${accounts.workload}:certificate/${hex(DomainName + region, 32)}`,
        CertificateUploadDate: new Date(world.startedAt - 90 * 86_400_000),
      },
    ],
  }
}
