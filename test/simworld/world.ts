import { ApiGatewayV2Client } from '@aws-sdk/client-apigatewayv2'
import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CodeBuildClient } from '@aws-sdk/client-codebuild'
import { ECSClient } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { RDSClient } from '@aws-sdk/client-rds'
import { Route53Client } from '@aws-sdk/client-route-53'
import { STSClient } from '@aws-sdk/client-sts'
import { type Simulation, type SimulationOptions, simulate } from '../../rehearsal/aws/simulator.ts'
import { manualClock, type WorldClock } from '../../rehearsal/clock.ts'

export const HOME = 'us-east-1'
export const DR = 'us-west-2'
export const start = Date.UTC(2026, 10, 21, 3, 0, 0)
export const ordersDr = 'arn:aws:rds:us-west-2:111122223333:cluster:orders-dr'
export const ordersHome = 'arn:aws:rds:us-east-1:111122223333:cluster:orders-home'

/** A world on a clock that is moved by hand. */
export function world(options: Partial<Omit<SimulationOptions, 'clock'>> = {}): {
  clock: WorldClock
  sim: Simulation
} {
  const clock = manualClock(start)
  return { clock, sim: simulate({ clock, seed: 1, ...options }) }
}

/** Real SDK clients without sockets, which never retry. */
export function clients(sim: Simulation, region: string, accessKeyId = 'AKIDTEST') {
  const config = {
    region,
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId, secretAccessKey: 'x' },
    maxAttempts: 1,
    requestHandler: sim.dispatcher.requestHandler(),
  }
  return {
    rds: new RDSClient(config),
    ecs: new ECSClient(config),
    scaling: new ApplicationAutoScalingClient(config),
    elb: new ElasticLoadBalancingV2Client(config),
    route53: new Route53Client(config),
    cloudwatch: new CloudWatchClient(config),
    api: new ApiGatewayV2Client(config),
    codebuild: new CodeBuildClient(config),
    sts: new STSClient(config),
  }
}

/** The code of the error that a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: Error) => error.name,
  )
}
