import * as api from '@aws-sdk/client-apigatewayv2'
import * as aas from '@aws-sdk/client-application-auto-scaling'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as codebuild from '@aws-sdk/client-codebuild'
import * as ecs from '@aws-sdk/client-ecs'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import * as secretsManager from '@aws-sdk/client-secrets-manager'
import * as ssm from '@aws-sdk/client-ssm'
import * as sts from '@aws-sdk/client-sts'
import type { Functions } from './functions.ts'
import { type Call, Service } from './wire/service.ts'
import { apiHandlers } from './world/apigateway.ts'
import { type Build, codebuildHandlers } from './world/codebuild.ts'
import { dnsHandlers } from './world/dns-handlers.ts'
import { ecsHandlers } from './world/ecs-handlers.ts'
import { elbHandlers } from './world/elb-handlers.ts'
import { iamHandlers } from './world/iam.ts'
import { lambdaHandlers } from './world/lambda-handlers.ts'
import { metricsHandlers } from './world/metrics-handlers.ts'
import { rdsHandlers } from './world/rds-handlers.ts'
import { scalingHandlers } from './world/scaling-handlers.ts'
import { secretsHandlers } from './world/secrets.ts'
import { ssmHandlers } from './world/ssm.ts'
import { stsHandlers } from './world/sts.ts'
import type { World } from './world/world.ts'

/** Does a call's work in the world that it is given. */
export type Perform = (world: World) => unknown

type Untyped = Readonly<Record<string, (input: never, call: Call) => unknown>>
type Kit = readonly [string, object, ConstructorParameters<typeof Service>[2], (world: World) => object]

/**
 * The simulated services. Every call goes through `around`, which says in which world it is performed and what becomes
 * of the answer. `wallNow`: people's time in ms; `begun` hears of each new build; `functions`: what is deployed to Lambda.
 */
export function servicesOf(
  sample: World,
  wallNow: () => number,
  around: (call: Call, perform: Perform) => unknown,
  begun: (build: Build) => void,
  functions: Functions,
): Service[] {
  const kits: readonly Kit[] = [
    ['rds', rds, rds.RDSClient, rdsHandlers],
    ['ecs', ecs, ecs.ECSClient, ecsHandlers],
    ['application-autoscaling', aas, aas.ApplicationAutoScalingClient, scalingHandlers],
    ['elasticloadbalancing', elb, elb.ElasticLoadBalancingV2Client, elbHandlers],
    ['route53', route53, route53.Route53Client, (world) => dnsHandlers(world, wallNow)],
    ['monitoring', cloudwatch, cloudwatch.CloudWatchClient, metricsHandlers],
    ['apigateway', api, api.ApiGatewayV2Client, apiHandlers],
    ['codebuild', codebuild, codebuild.CodeBuildClient, (world) => codebuildHandlers(world, begun)],
    ['iam', iam, iam.IAMClient, iamHandlers],
    ['lambda', lambda, lambda.LambdaClient, (world) => lambdaHandlers(world, functions)],
    ['secretsmanager', secretsManager, secretsManager.SecretsManagerClient, secretsHandlers],
    ['ssm', ssm, ssm.SSMClient, ssmHandlers],
    ['sts', sts, sts.STSClient, (world) => stsHandlers(world, wallNow)],
  ]
  return kits.map(([signingName, module, Client, handlersOf]) => {
    const handle = (name: string) => (input: never, call: Call) =>
      around(call, (world) => (handlersOf(world) as Untyped)[name]?.(input, call))
    const names = Object.keys(handlersOf(sample))
    return new Service(
      signingName,
      module,
      Client,
      Object.fromEntries(names.map((name) => [name, handle(name)])),
    )
  })
}
